import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { regularBase64, regularLines } from '../../../src/inspect/regular-base64.js';

function written(content: Uint8Array, width: number, lineBreak: string): Buffer {
  const encoded = Buffer.from(content).toString('base64');
  const lines = encoded.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];
  return Buffer.from(lines.join(lineBreak) + lineBreak, 'latin1');
}

const WIDTHS = fc.constantFrom(4, 60, 64, 72, 76, 996);
const BREAKS = fc.constantFrom('\r\n', '\n');

describe('regularBase64', () => {
  it('reads what programs write', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        WIDTHS,
        BREAKS,
        (content, width, lineBreak) => {
          expect(regularBase64(written(content, width, lineBreak))).toEqual(Buffer.from(content));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads any stretch of it', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        WIDTHS,
        BREAKS,
        fc.nat(),
        fc.nat(),
        (content, width, lineBreak, one, other) => {
          const regular = regularLines(written(content, width, lineBreak));
          expect(regular?.size).toBe(content.length);
          const from = Math.min(one % content.length, other % content.length);
          const to = Math.max(one % content.length, other % content.length) + 1;
          expect(regular?.read(from, to)).toEqual(Buffer.from(content.subarray(from, to)));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('reads no stretch in which a line has fewer digits, though more lines follow', () => {
    const body = written(new Uint8Array(200_000).fill(0x61), 76, '\r\n');
    body.write('....', 78 * 300 + 20);
    const regular = regularLines(body);
    expect(regular?.read(57 * 299, 57 * 300)).toHaveLength(57);
    for (const to of [57 * 300 + 1, 57 * 301, 57 * 302]) expect(regular?.read(57 * 200, to)).toBeUndefined();
  });

  it('reads nothing of what has any other character in its lines', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 10, maxLength: 600 }),
        WIDTHS,
        BREAKS,
        fc.nat(),
        fc.integer({ min: 0, max: 255 }).filter((byte) => !/[A-Za-z0-9+/]/.test(String.fromCharCode(byte))),
        (content, width, lineBreak, where, byte) => {
          const body = written(content, width, lineBreak);
          const at = where % (body.length - 8);
          if (body[at] === 0x0d || body[at] === 0x0a) return;
          body[at] = byte;
          expect(regularBase64(body)).toBeUndefined();
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['nothing', ''],
    ['nothing but line breaks', '\r\n\r\n'],
    ['lines of several widths', 'AAAA\r\nAAAAAAAA\r\nAAAA\r\n'],
    ['a quantum that goes on in the next line', 'AAAAAA\r\nAAAAAA\r\n'],
    ['an empty line between others', 'AAAA\r\n\r\nAAAA\r\n'],
    ['both kinds of line breaks', 'AAAA\r\nAAAA\nAAAA'],
    ['a blank behind a line', 'AAAA \r\nAAAA\r\n'],
    ['data behind padding', 'AA==\r\nAAAA\r\n'],
    ['too few digits', 'AAA'],
    ['too much padding', 'A==='],
    ['nothing but padding', '===='],
    ['the digits of URLs', 'AA-_'],
  ])('takes %s for irregular', (_, body) => {
    expect(regularBase64(Buffer.from(body, 'latin1'))).toBeUndefined();
  });
});
