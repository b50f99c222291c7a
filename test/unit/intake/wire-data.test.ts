import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wireData } from '../../../src/intake/wire-data.js';

/** The RFC in one expression, on the whole stream at once. */
function reference(stream: string) {
  const end = /^\.\r\n|\r\n\.\r\n/.exec(stream);
  const after = end === null ? undefined : end.index + end[0].length;
  const content = end === null ? stream : stream.slice(0, end[0].startsWith('.') ? 0 : end.index + 2);
  return {
    after,
    content: content.replace(/(^|\r\n)\./g, '$1'),
    faulty: /\0|\r(?!\n)|(?<!\r)\n/.test(content),
  };
}

function read(stream: string, cuts: readonly number[]) {
  const data = wireData();
  const bytes = Buffer.from(stream, 'latin1');
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  let content = '';
  let start = 0;
  for (const stop of [...places, bytes.length]) {
    const { pieces, end } = data.push(bytes.subarray(start, stop));
    content += Buffer.concat(pieces).toString('latin1');
    if (end !== undefined) return { content, after: start + end, data };
    start = stop;
  }
  return { content, after: undefined, data };
}

const streams = fc
  .array(fc.constantFrom('\r\n', '\r\n.', '.', '\r', '\n', '\0', 'a', 'bc', '\r\n.\r\n', '\xe9'), {
    maxLength: 14,
  })
  .map((parts) => `${parts.join('')}\r\n.\r\nNOOP\r\n`);

describe('the data reader', () => {
  it('sees the same message however its bytes are cut, and ends it only at CRLF.CRLF', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(60), { maxLength: 8 }), (stream, cuts) => {
        const { content, after, data } = read(stream, cuts);
        const wanted = reference(stream);
        expect(after).toBe(wanted.after);
        expect(data.fault !== undefined).toBe(wanted.faulty);
        if (!wanted.faulty) {
          expect(content).toBe(wanted.content);
          expect(data.size).toBe(wanted.content.length);
          expect(data.eightBit).toBe(wanted.content.includes('\xe9'));
        }
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a\rb', 'bare-cr'],
    ['a\nb', 'bare-lf'],
    ['a\0b', 'nul'],
    ['.\rb', 'bare-cr'],
    ['a\r\r\nb', 'bare-cr'],
    ['x'.repeat(11), 'line-too-long'],
  ])('names the first fault of %j', (text, fault) => {
    const data = wireData(10);
    data.push(Buffer.from(`${text}\r\n`));
    expect(data.fault).toBe(fault);
  });
});
