import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import { watchProcessor } from '../../../../support/processor-time.js';
import { fixture, readFixture, readOffice, view, viewsOf } from './reading.js';

const rtf = (body: string): Buffer => Buffer.from(`{\\rtf1\\ansi\\ansicpg1252 ${body}}`, 'latin1');

describe('RTF of LibreOffice', () => {
  it.each([
    ['number 212-55-0187 is split', 'text'],
    ['Grüße an Zoë, 日本語', 'text'],
    ['canary-inserted', 'text'],
    ['canary-textbox', 'text'],
    ['Seen  again: 447-81', 'text'],
    ['canary-header', 'headers'],
    ['canary-footer', 'headers'],
    ['canary-footnote', 'notes'],
    ['canary-endnote', 'notes'],
    ['canary-comment', 'comments'],
    ['canary-deleted', 'deleted'],
    ['canary-hidden', 'hidden'],
    ['canary-alt-text', 'attributes'],
    ['canary-property', 'metadata'],
    ['Title: canary-title', 'metadata'],
    ['canary-link', 'fields'],
    ['Name: Wilma; MRN: 00-771-204', 'table'],
  ])('%s is in %s', async (words, where) => {
    const result = await readFixture('letter.rtf');
    expect(result).toMatchObject({ status: 'read', oddities: [] });
    expect(viewsOf(result, words)).toContain(where);
  });

  it('gives pictures to be read', async () => {
    const { children } = await readFixture('letter.rtf');
    expect(children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toContain('image/png');
  });
});

describe('RTF', () => {
  it.each<[string, string, string, string]>([
    ['groups within words', '212-5{\\b 5-01}{87}', 'text', '212-55-0187'],
    ['lines that break anywhere', '212-5\r\n5-0187', 'text', '212-55-0187'],
    ['bytes of a code page', "Z\\'fcrich \x80", 'text', 'Zürich €'],
    [
      'fonts with sets of their own',
      "{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}\\f1 \\'cf\\'f0",
      'text',
      'Пр',
    ],
    [
      'text of the default font',
      "\\deff1{\\fonttbl{\\f0\\fcharset0 A;}{\\f1\\fcharset204 B;}}\\'cf\\'f0\\f0 \\'e4\\plain\\'ee",
      'text',
      'Прäо',
    ],
    ["text that isn't in UTF-16", '\\ansicpg1200 MRN 447-81', 'text', 'MRN 447-81'],
    ['Japanese of mail', "\\ansicpg50220 \\'1b$BF|\\'1b(B", 'text', '日'],
    ['two bytes for one letter', "{\\fonttbl{\\f1\\fcharset128 B;}}\\f1 \\'93\\'fa", 'text', '日'],
    ['Unicode with a stand-in', "\\u26085\\'3f\\u-10179?\\u-8704?x", 'text', '日😀x'],
    ['Unicode without one', '\\uc0\\u26085 x', 'text', '日x'],
    ['Unicode with long ones', "\\uc2\\u26085\\'93\\'fax", 'text', '日x'],
    ['special characters', 'a\\~b\\_c\\-d\\emdash e\\tab f\\{g\\\\', 'text', 'a\u00a0b-cd\u2014e\tf{g\\'],
    ['hidden words', '21{\\v zz}2\\v q\\v0 -55', 'text', '212-55'],
    ['white words', '{\\colortbl;\\red255\\green255\\blue255;}21{\\cf1 zz}2', 'hidden', 'zz'],
    ['tiny words', '21{\\fs2 zz}2', 'hidden', 'zz'],
    ['words in place', '21{\\v zz}2', 'all', '21zz2'],
    ['what was deleted', '21{\\deleted zz}2', 'deleted', 'zz'],
    ['what nobody knows', '{\\*\\canary some {words}}', 'hidden', 'some words'],
    ['what nobody knows and is shown', '{\\canary some words}', 'text', 'some words'],
    ['notes in the middle of a number', '212-5{\\footnote a note}5-0187', 'text', '212-55-0187'],
    [
      'rows',
      '\\trowd\\intbl Name\\cell MRN\\cell\\row\\intbl Wilma\\cell 447\\cell\\row',
      'table',
      'Name: Wilma; MRN: 447',
    ],
    [
      'field codes',
      '{\\field{\\*\\fldinst MAILTO wil{ma@}clinic.example}{\\fldrslt x}}',
      'fields',
      'wilma@clinic.example',
    ],
    [
      'user properties',
      '{\\*\\userprops{\\propname Patient}{\\staticval canary}}',
      'metadata',
      'Patient\ncanary',
    ],
    ['destinations late in a group', 'before {words \\footnote canary} after', 'notes', 'canary'],
    ['text in the table of colours', '{\\colortbl;\\red0;{\\fldrslt canary}}', 'styles', 'canary'],
    ['text within a picture', '{\\pict\\pngblip 8950{\\result 447 81}}', 'text', '447 81'],
    ['words among the digits of a picture', '{\\pict\\pngblip 8950{canary}}', 'hidden', 'canary'],
    [
      'a title of nothing but numbers',
      `{\\info{\\title ${'345678234 '.repeat(8)}}}`,
      'metadata',
      'Title: 345678234 345678234',
    ],
    ['long stand-ins', '\\uc30\\u65 MRN 447-81, canary of Wilma', 'hidden', 'MRN 447-81'],
    [
      'HTML as mail programs show it',
      '\\fromhtml1 {\\*\\htmltag84 <p>MRN &#52;&#52;&#55;}-8\\htmlrtf {\\b zz}\\htmlrtf0 1{\\*\\htmltag92 </p>}\\htmlrtf\\par',
      'html',
      'MRN 447-81',
    ],
    [
      'HTML whose tags some programs leave out',
      '\\fromhtml1 {\\*\\htmltag84 <p>MRN 447-}{\\htmlrtf{\\*\\htmltag &#56;&#49;}}',
      'html',
      'MRN 447-81',
    ],
    ['HTML within', '{\\*\\htmltag64 <p title="canary">}', 'html-source', '<p title="canary">'],
  ])('reads %s', async (_, body, where, words) => {
    const result = await readOffice(rtf(body));
    expect(result.status).toBe('read');
    expect(view(result, where)).toContain(words);
  });

  it('says that it does not know a code page', async () => {
    const digits = [...'123456789'].map((digit) => `\\'f${digit}`).join('');
    expect((await readOffice(rtf(`\\ansicpg37 ${digits}`))).oddities).toEqual(['unknown-code-page']);
    expect((await readOffice(rtf('\\ansicpg65000 +ADEAMgAz-'))).oddities).toEqual(['unknown-code-page']);
    expect((await readOffice(rtf('\\ansicpg932 words'))).oddities).toEqual([]);
  });

  it('gives pictures, objects and data as they are', async () => {
    const png = Buffer.from('89504e470d0a1a0a00', 'hex');
    const size = (length: number) => {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32LE(length);
      return bytes;
    };
    const name = Buffer.from('Odd.Document\0');
    const object = Buffer.concat([
      Buffer.from('0105000002000000', 'hex'),
      size(name.length),
      name,
      size(0),
      size(0),
      size(11),
      Buffer.from('%PDF-1.7 abc').subarray(0, 11),
    ]);
    const spread = object.toString('hex').replace(/(..)/g, '$1\n');
    const result = await readOffice(
      Buffer.concat([
        Buffer.from('{\\rtf1{\\pict\\pngblip '),
        Buffer.from(png.toString('hex')),
        Buffer.from(
          `}{\\object{\\*\\objdata ${spread}}}{\\*\\datastore ${Buffer.alloc(40, 'PK\x03\x04').toString('hex')}}`,
        ),
        Buffer.from('{\\pict\\jpegblip\\bin4 '),
        Buffer.from([0xff, 0xd8, 0xff, 0x7d]),
        Buffer.from('}}'),
      ]),
    );
    expect(result.status).toBe('read');
    expect(result.children.map(({ bytes }) => kindOf(bytes ?? Buffer.of()))).toEqual([
      'image/png',
      'application/pdf',
      'application/zip',
      'image/jpeg',
    ]);
  });

  it('shows what lies behind the end', async () => {
    const result = await readOffice(Buffer.concat([rtf('words'), Buffer.from('\r\ncanary\0')]));
    expect(result.children[0]?.bytes?.toString()).toContain('canary');
  });

  it.each([
    ['an open group', Buffer.from('{\\rtf1 words {more')],
    ['groups without end', rtf(`words${'{'.repeat(10_000)}${'}'.repeat(10_000)}`)],
    ['binary data cut short', Buffer.from('{\\rtf1 words{\\pict\\bin100 abc')],
  ])('calls %s corrupt, and keeps what was read', async (_, bytes) => {
    const result = await readOffice(bytes);
    expect(result.status).toBe('corrupt');
    expect(view(result, 'text')).toContain('words');
  });

  it('tells every truncation, and throws over nothing', async () => {
    const whole = fixture('letter.rtf');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 10, max: whole.length - 4 }), fc.nat(255), async (at, value) => {
        expect((await readOffice(whole.subarray(0, at))).status).toBe('corrupt');
        const changed = Buffer.from(whole);
        changed[at] = value;
        await readOffice(changed);
      }),
      { numRuns: 60 },
    );
  });

  const MUCH = [
    '\\u1000?'.repeat(200_000),
    "\\'e4".repeat(500_000),
    '{\\v x}'.repeat(100_000),
    Array.from(
      { length: 20_000 },
      (_, at) => `\\ul${at.toString(2).replace(/./g, (d) => (d === '0' ? 'x' : 'y'))} a`,
    ),
  ].map((body) => (typeof body === 'string' ? body : body.join('')));

  it('is fast on much of anything', async () => {
    for (const body of MUCH) {
      const work = watchProcessor();
      await readOffice(rtf(body));
      work.expectBelow(5000);
    }
  });
});
