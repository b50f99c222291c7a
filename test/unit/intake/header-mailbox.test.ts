import { describe, expect, it } from 'vitest';
import { parseHeaderMailbox } from '../../../src/intake/header-mailbox.js';

const latin1 = (text: string) => Buffer.from(text, 'utf8').toString('latin1');
const b64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

describe('the mailbox of a From field', () => {
  it.each([
    'ward3@clinic.example',
    '<ward3@clinic.example>',
    'Ward 3 <ward3@CLINIC.example>',
    'Ward 3<ward3@clinic.example>',
    'John Q. Public <ward3@clinic.example>',
    '"Public, John (MD)" <ward3@clinic.example>',
    '"ward3@clinic.example" <ward3@clinic.example>',
    `"'Ward3@Clinic.example'" <ward3@clinic.example>`,
    '=?utf-8?q?ward3=40clinic.example?= <ward3@clinic.example>',
    '=?utf-8?q?ward3?= =?utf-8?q?=40clinic.example?= <ward3@clinic.example>',
    '"quoted \\" quote" <ward3@clinic.example>',
    '=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <ward3@clinic.example>',
    `=?UTF-8?B?${b64('Müller, Jörg')}?= <ward3@clinic.example>`,
    '=?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <ward3@clinic.example>',
    'Jörg Müller <ward3@clinic.example>',
    `=?gb18030?B?${b64(Buffer.from([0xcd, 0xf5]))}?= =?utf-8?q?=28MD=29?= <ward3@clinic.example>`,
    '=?utf-8?q?M=C3?= =?utf-8?q?=BCller?= <ward3@clinic.example>',
    '\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 <ward3@clinic.example>',
    'who? what? no?= <ward3@clinic.example>',
    "O'Neil-Smith <ward3@clinic.example>  ",
  ])('is read from %s', (value) => {
    expect(parseHeaderMailbox(latin1(value))?.address).toBe('ward3@clinic.example');
  });

  it.each([
    '',
    'ward3',
    'ward3@',
    '@clinic.example',
    'ward3@clinic',
    'ward3@clinic.example ward4@clinic.example',
    'ward3@clinic.example, b@clinic.example',
    'ward3@clinic.example,',
    '<ward3@clinic.example>, <b@clinic.example>',
    '<ward3@clinic.example> <b@clinic.example>',
    '<<ward3@clinic.example>>',
    'Ward (comment) <ward3@clinic.example>',
    'ward3@clinic.example (Ward)',
    'ward3@(comment)clinic.example',
    'Staff: ward3@clinic.example;',
    'b@lab.example <ward3@clinic.example>',
    '"<b@lab.example>" <ward3@clinic.example>',
    '"unended <ward3@clinic.example>',
    'back\\slash <ward3@clinic.example>',
    '<@route.example:ward3@clinic.example>',
    '<"ward3"@clinic.example>',
    '< ward3@clinic.example>',
    '<ward3@clinic.example> tail',
    '<ward3@[127.0.0.1]>',
    'ward3@clinic.example\0',
    '=?utf-8?q?b=40lab.example?= <ward3@clinic.example>',
    '=?utf-8?q?=3Cb?= <ward3@clinic.example>',
    `=?utf-7?q?+AEA-lab?= <ward3@clinic.example>`,
    `=?utf-16?B?${b64(Buffer.from('b@lab', 'utf16le'))}?= <ward3@clinic.example>`,
    '=?x-unknown?q?abc?= <ward3@clinic.example>',
    '=?utf-8?q?a=0D=0AFrom:_b?= <ward3@clinic.example>',
    '"=?utf-8?q?b=40lab.example?=" <ward3@clinic.example>',
    '"ceo@clinic.example" <ward3@clinic.example>',
    '"ward3@clinic.example CEO" <ward3@clinic.example>',
    '"ward3@lab.example" <ward3@clinic.example>',
    '"ceo\\@clinic.example" <ward3@clinic.example>',
    '=?utf-8?Q?ceo=40clinic.example CEO?= <ward3@clinic.example>',
    '"=?utf-8?Q?ceo=40clinic.example CEO?=" <ward3@clinic.example>',
    '"=\\?utf-8?Q?ceo=40clinic.example?=" <ward3@clinic.example>',
    '="?utf-8?Q?ceo=40clinic.example?=" <ward3@clinic.example>',
    '=?utf-8?Q?=3D?= =?utf-8?Q?=3Futf-8=3FQ=3Fceo=3F=3D?= <ward3@clinic.example>',
    '=?utf-8?Q?ceo <ward3@clinic.example>',
    '=?utf-8?Q?ceo=4?= =?utf-8?Q?0lab?= <ward3@clinic.example>',
    '=?utf-8?Q?ceo\u00e9?= <ward3@clinic.example>',
    '=?utf-8?B?Y2V?= =?utf-8?B?vQGxhYg==?= <ward3@clinic.example>',
    'ceo\uff20clinic.example <ward3@clinic.example>',
    '"ceo\ufe6bclinic.example" <ward3@clinic.example>',
    'ward3\uff20clinic.example <ward3@clinic.example>',
    `=?utf-8?B?${b64('ceo\uff20clinic.example')}?= <ward3@clinic.example>`,
    '=?utf-8?Q?ceo=EF=BC?= =?UTF-8?Q?=A0clinic?= <ward3@clinic.example>',
    '=?utf-8?Q?ceo=EF=BC?==?utf-8*en?B?oA==?= <ward3@clinic.example>',
    '=?utf8?Q?ceo=EF=BC?= =?utf-8?Q?=A0clinic?= <ward3@clinic.example>',
    '=?iso-2022-jp?B?GyRC?= =?iso-2022-jp?Q?!w?= <ward3@clinic.example>',
    '=?utf-16be?b?AA==?= =?utf-16be?b?QA==?= <ward3@clinic.example>',
    `=?utf-16be?b?${b64('\0W\0a')}?= <ward3@clinic.example>`,
    `=?utf-8?B?${b64('\u202eoec')}?= <ward3@clinic.example>`,
    '=?utf-8?Q?a=E2=81=A6?= <ward3@clinic.example>',
    '=?utf-8?Q?a=E2=80=8F?= <ward3@clinic.example>',
    'a\u202eb <ward3@clinic.example>',
    '"a\u2067b" <ward3@clinic.example>',
    '"a\u200bb" <ward3@clinic.example>',
    'a\u0085b <ward3@clinic.example>',
    '=?utf-8?q?ward3?=@clinic.example',
    '<=?utf-8?q?b=40lab.example=3E?=@clinic.example>',
    '=?utf-8?q?ward3=40clinic.example?=',
  ])('is not read from %s', (value) => {
    expect(parseHeaderMailbox(latin1(value))).toBeUndefined();
  });

  it('is not read from bytes that are no UTF-8', () => {
    expect(parseHeaderMailbox('J\xf6rg <ward3@clinic.example>')).toBeUndefined();
  });
});
