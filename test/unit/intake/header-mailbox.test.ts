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
    '"a@b.example" <ward3@clinic.example>',
    '"quoted \\" quote" <ward3@clinic.example>',
    '=?utf-8?q?M=C3=BCller=2C_J=C3=B6rg?= <ward3@clinic.example>',
    `=?UTF-8?B?${b64('Müller, Jörg')}?= <ward3@clinic.example>`,
    '=?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <ward3@clinic.example>',
    'Jörg Müller <ward3@clinic.example>',
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
