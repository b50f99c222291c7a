import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMessage } from '../../../src/inspect/structure.js';
import { allText, isClean, LIMITS } from './limits.js';
import { allWords, anyTree, write } from './mime-tree.js';

/** Pieces that parsers stumble over. */
const PIECES = [
  'Content-Type: ',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: quoted-printable',
  "Content-Disposition: attachment; filename*0*=utf-8''a%4",
  'multipart/mixed; boundary=',
  'boundary="b',
  'message/rfc822',
  'text/html; charset=utf-7',
  'MIME-Version: 1.0',
  'Subject: =?utf-8?Q?=',
  '=?=',
  '--b',
  '--',
  '\r\n',
  '\r\n\r\n',
  '\n',
  '\r',
  '\0',
  '<table><tr><td>',
  '<!--',
  '&#',
  'data:,',
  'begin 644 a\r\n#0V%T\r\n',
  '=3',
  '====',
  'a,"b',
  '\u200b1 2 3',
];

describe('reading never throws', () => {
  it.each(['__proto__', 'constructor', 'hasOwnProperty'])('on a header field or parameter %s', (name) => {
    const message = `${name}: Meeting\r\nContent-Type: text/plain; ${name}=Meeting\r\n\r\nHello\r\n`;
    const reading = readMessage(Buffer.from(message), LIMITS);
    expect(allText(reading)).toContain('Meeting');
    expect(reading.parts.at(-1)?.status).toBe('read');
  });

  it('on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(readMessage(bytes, LIMITS).parts.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('on pieces of mail in any order', () => {
    const pieces = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 5 })), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(pieces, (list) => {
        const reading = readMessage(Buffer.from(list.join('')), LIMITS);
        expect(new Set(reading.parts.map((part) => part.path)).size).toBe(reading.parts.length);
        for (const one of reading.ambiguities.filter((each) => each.material)) {
          expect(reading.parts.find((part) => part.path === one.part)?.status).toBe('ambiguous');
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe('legal messages', () => {
  it('are clean and show the text of every leaf, however they are written', () => {
    fc.assert(
      fc.property(anyTree, (node) => {
        const reading = readMessage(write(node), { ...LIMITS, max_depth: 50 });
        const text = allText(reading);
        for (const word of allWords(node)) expect(text).toContain(word);
        expect(reading.ambiguities.filter((one) => one.material)).toEqual([]);
        expect(isClean(reading)).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('are still read without an error after a byte was changed', () => {
    fc.assert(
      fc.property(anyTree, fc.nat(), fc.nat({ max: 255 }), (node, place, byte) => {
        const bytes = write(node);
        bytes[place % bytes.length] = byte;
        const reading = readMessage(bytes, LIMITS);
        expect(reading.parts.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
