import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/inspect/structure.js';
import { allText, HEADER, isClean, LIMITS, mail, read } from './limits.js';

const END = 'MRN 0012345';

/** Each must be read to its end, or not count as clean. */
const BOMBS: readonly (readonly [name: string, message: () => string])[] = [
  [
    '10,000 parts',
    () =>
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n${'--b\n\nx\n'.repeat(10_000)}--b\n\n${END}\n--b--\n`,
  ],
  [
    '100,000 empty delimiters',
    () => `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n${'--b\n'.repeat(100_000)}\n${END}\n--b--\n`,
  ],
  [
    '1,000 nested multiparts',
    () => {
      const open = Array.from(
        { length: 1000 },
        (_, i) => `Content-Type: multipart/mixed; boundary="n${i}."\n\n--n${i}.\n`,
      );
      return `${HEADER}${open.join('')}\n${END}\n`;
    },
  ],
  ['1,000 nested messages', () => `${HEADER}${'Content-Type: message/rfc822\n\n'.repeat(1000)}\n${END}\n`],
  ['50,000 fields', () => `${HEADER}${'X-A: b\n'.repeat(50_000)}X-Z: ${END}\n\nx\n`],
  ['one field in 100,000 lines', () => `X-A: b\n${' c\n'.repeat(100_000)} ${END}\n\nx\n`],
  [
    '100,000 parameters',
    () => `${HEADER}Content-Type: text/plain${'; a=b'.repeat(100_000)}; name="${END}"\n\nx\n`,
  ],
  ['100,000 open comments', () => `${HEADER}Content-Type: text/plain ${'('.repeat(100_000)}\n\n${END}\n`],
  ['50,000 encoded words', () => `Subject: ${'=?utf-8?Q?a?= '.repeat(50_000)}${END}\n\nx\n`],
  ['100,000 starts of encoded words', () => `Subject: ${'=?'.repeat(100_000)}${END}\n\nx\n`],
  ['a line of a million characters', () => `${HEADER}\n${'a'.repeat(1_000_000)} ${END}\n`],
  ['a line of a million digits', () => `${HEADER}\n${'1 '.repeat(500_000)} ${END}\n`],
  ['a million blanks', () => `${HEADER}\n1${' '.repeat(1_000_000)}\n${END}\n`],
  ['a million line ends', () => `${HEADER}\n${'\n'.repeat(1_000_000)}${END}\n`],
  ['half a million begin lines', () => `${HEADER}\n${'begin 644 a\n'.repeat(50_000)}${END}\n`],
  [
    'a hundred thousand open tags',
    () => `${HEADER}Content-Type: text/html\n\n${'<div><b>'.repeat(50_000)}${END}`,
  ],
  [
    'a hundred thousand closing tags',
    () => `${HEADER}Content-Type: text/html\n\n${'<p></x>'.repeat(100_000)}${END}`,
  ],
  [
    'a thousand nested tables',
    () => `${HEADER}Content-Type: text/html\n\n${'<table><tr><td>a<tr><td>'.repeat(1000)}${END}`,
  ],
  [
    'open tags and quotation marks',
    () => `${HEADER}Content-Type: text/html\n\n${END}${'<a href="'.repeat(50_000)}`,
  ],
  ['open comments', () => `${HEADER}Content-Type: text/html\n\n${END}${'<!--'.repeat(100_000)}`],
  [
    'a style full of comments',
    () => `${HEADER}Content-Type: text/html\n\n<p style="${'/*'.repeat(300_000)}">${END}`,
  ],
  [
    'a table of a million cells',
    () => `${HEADER}Content-Type: text/csv\n\na,b\n${','.repeat(1_000_000)}\n${END},x\n`,
  ],
  [
    'wide labels over many rows',
    () => `${HEADER}Content-Type: text/csv\n\n${'l'.repeat(5000)},b\n${'1,2\n'.repeat(100_000)}${END},x\n`,
  ],
  [
    'quotation marks in a table',
    () => `${HEADER}Content-Type: text/csv\n\na,b\n1,2\n${'"'.repeat(500_000)}\n${END}\n`,
  ],
  ['lines of base64', () => `${HEADER}\n${`${'QUJD'.repeat(19)}\n`.repeat(100_000)}\n${END}\n`],
  [
    'escapes in a link',
    () => `${HEADER}Content-Type: text/html\n\n<a href="?${'%41'.repeat(3_000_000)}">${END}`,
  ],
  [
    'a long quoted name',
    () => `${HEADER}Content-Type: text/plain; name="${'\\a'.repeat(400_000)}"\n\n${END}\n`,
  ],
  ['four million single digits', () => `${HEADER}\n${'1 2 '.repeat(2_000_000)}\n${END}\n`],
  ['marks on one letter', () => `${HEADER}\na${'\u0301'.repeat(300_000)} ${END}\n`],
  ['characters that grow', () => `${HEADER}\n${'ﷺ'.repeat(200_000)} ${END}\n`],
];

describe('bombs', () => {
  it.each(BOMBS)('%s', (_name, message) => {
    const reading = read(message());
    const seen = allText(reading).includes(END);
    expect(seen || !isClean(reading)).toBe(true);
  });

  it('reads what lies beyond a limit raw, and says so', () => {
    const message = mail(
      `${HEADER}Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\n${END}\n--b--\n`,
    );
    const parts = readMessage(message, { ...LIMITS, max_parts: 2 });
    expect(parts.parts[0]).toMatchObject({ path: '0', status: 'too-large' });
    expect(allText(parts)).toContain(END);
    const text = readMessage(mail(`${HEADER}\n${END}${'.'.repeat(100)}\n`), { ...LIMITS, max_part_text: 50 });
    expect(text.parts).toContainEqual(expect.objectContaining({ path: '1', status: 'too-large' }));
    expect(allText(text)).toContain(END);
  });

  it('says which container was too deep', () => {
    const level = 'MIME-Version: 1.0\nContent-Type: message/rfc822\n\n';
    const nested = `${level.repeat(5)}\n${END}\n`;
    const reading = readMessage(mail(nested), { ...LIMITS, max_depth: 2 });
    expect(reading.parts.map((part) => part.status)).toContain('too-deep');
    expect(allText(reading)).toContain(END);
  });
});
