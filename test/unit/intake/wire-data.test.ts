import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type BareNewline, wireData } from '../../../src/intake/wire-data.js';

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

/** What `normalize` makes of content that dots were taken from. */
const normalized = (content: string) => content.replace(/\r{1,2}\n|\r|\n/g, '\r\n');

function read(
  stream: string,
  cuts: readonly number[],
  bareNewline: BareNewline = 'reject',
  maxLine?: number,
) {
  const data = wireData(bareNewline, maxLine);
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

/** The same once more, octet by octet, with all that is told about the message besides. */
function octetByOctet(stream: string, bareNewline: BareNewline, maxLine: number) {
  let content = '';
  let line = 0;
  let begins = true;
  let afterDot = false;
  let normalized = false;
  const faults: string[] = [];
  const count = () => {
    if (++line > maxLine) faults.push('line-too-long');
  };
  const bare = (fault: string) => {
    if (bareNewline === 'normalize') normalized = true;
    else faults.push(fault);
    line = 0;
  };
  for (let i = 0; ; i++) {
    const octet = stream[i];
    if (begins && stream.startsWith('.\r\n', i)) {
      const eightBit = /[\x80-\xff]/.test(content);
      return { after: i + 3, content, fault: faults[0], normalized, eightBit };
    }
    const isDot = begins && octet === '.';
    begins = false;
    if (!isDot) content += octet;
    if (octet === '\r') {
      if (!afterDot) count();
      if (stream[i + 1] === '\n') {
        content += '\n';
        i++;
        line = 0;
        begins = true;
      } else bare('bare-cr');
    } else if (!isDot) {
      if (octet === '\n') bare('bare-lf');
      if (octet === '\0') faults.push('nul');
      count();
    }
    afterDot = isDot;
  }
}

const parts = ['\r\n', '\r\n.', '.', '\r', '\n', '\0', '\t', 'a', 'b'.repeat(9), 'c'.repeat(23), '\x0e\x7f'];
const longer = fc
  .array(fc.constantFrom(...parts, '\x80', '\xff'.repeat(5), '\r\n.\r\n'), { maxLength: 20 })
  .map((some) => `${some.join('')}\r\n.\r\nMAIL FROM:<\xe9@clinic.example>\r\n`);

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

  it.each(['reject', 'normalize'] as const)(
    'tells what a reader of single octets tells (%s)',
    (bareNewline) => {
      fc.assert(
        fc.property(longer, fc.array(fc.nat(400), { maxLength: 8 }), (stream, cuts) => {
          const { content, after, data } = read(stream, cuts, bareNewline, 30);
          const wanted = octetByOctet(stream, bareNewline, 30);
          expect(after).toBe(wanted.after);
          expect(content).toBe(bareNewline === 'normalize' ? normalized(wanted.content) : wanted.content);
          expect(data.fault).toBe(wanted.fault);
          expect(data.normalized).toBe(wanted.normalized);
          expect(data.eightBit).toBe(wanted.eightBit);
          expect(data.size).toBe(content.length);
        }),
        { numRuns: 200 },
      );
    },
  );

  it('normalises what is bare, and ends the message where it ended before', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(60), { maxLength: 8 }), (stream, cuts) => {
        const { content, after, data } = read(stream, cuts, 'normalize');
        const wanted = reference(stream);
        expect(after).toBe(wanted.after);
        expect(content).toBe(normalized(wanted.content));
        expect(data.size).toBe(content.length);
        expect(data.normalized).toBe(/\r(?!\n)|(?<!\r)\n/.test(wanted.content));
        expect(data.fault).toBe(wanted.content.includes('\0') ? 'nul' : undefined);
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ['a\nb\r\n', 'a\r\nb\r\n'],
    ['MSH|x\rPID|y\r\n', 'MSH|x\r\nPID|y\r\n'],
    ['a\r\r\nb\r\n', 'a\r\nb\r\n'],
    ['a\r\rb\r\n', 'a\r\n\r\nb\r\n'],
    ['a\n.5 mg\r\n', 'a\r\n.5 mg\r\n'],
    ['a\n.\nb\r\n', 'a\r\n.\r\nb\r\n'],
    ['a\r\n..5 mg\r\n', 'a\r\n.5 mg\r\n'],
  ])('normalises %j to %j', (content, wanted) => {
    expect(read(`${content}.\r\n`, [], 'normalize').content).toBe(wanted);
  });

  it('holds back no more than two characters of an endless run of CR', () => {
    const data = wireData('normalize');
    const first = data.push(Buffer.alloc(1000, '\r')).pieces;
    expect(Buffer.concat(first)).toHaveLength(2 * 998);
  });

  it.each([
    ['a\rb', 'bare-cr'],
    ['a\nb', 'bare-lf'],
    ['a\0b', 'nul'],
    ['.\rb', 'bare-cr'],
    ['a\r\r\nb', 'bare-cr'],
    ['x'.repeat(11), 'line-too-long'],
  ])('names the first fault of %j', (text, fault) => {
    const data = wireData('reject', 10);
    data.push(Buffer.from(`${text}\r\n`));
    expect(data.fault).toBe(fault);
  });
});
