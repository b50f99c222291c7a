import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dotStuffing, UnsafeContentError } from '../../../src/deliver/dot-stuffing.js';
import { createReplyReader, ProtocolError, readCapabilities } from '../../../src/deliver/smtp-reply.js';

function stuff(chunks: readonly Buffer[]): string {
  const stuffing = dotStuffing();
  const out = chunks.flatMap((chunk) => stuffing.push(chunk));
  return Buffer.concat([...out, ...stuffing.end()]).toString('latin1');
}

describe('content on the wire', () => {
  it.each([
    ['a\r\n.b\r\n..c\r\n', 'a\r\n..b\r\n...c\r\n'],
    ['.\r\n', '..\r\n'],
    ['no end', 'no end\r\n'],
    ['', ''],
    ['a.b\r\n', 'a.b\r\n'],
  ])('%j becomes %j', (content, expected) => {
    expect(stuff([Buffer.from(content)])).toBe(expected);
  });

  const unsafe = [
    'a\nb',
    '\n.\n',
    'a\rb',
    'a\r',
    '\r\r\n',
    'a\0b',
    'x\r\n.\n',
    '\n',
    '\t\n',
    '\r\t',
    '\0',
    'a\r\n\n',
  ];
  it.each(unsafe)('%j is refused, however it is cut', (content) => {
    expect(() => stuff([Buffer.from(content)])).toThrow(UnsafeContentError);
    expect(() => stuff([...content].map((byte) => Buffer.from(byte)))).toThrow(UnsafeContentError);
  });

  it('is refused where anything in it is bare, and only there', () => {
    const parts = fc.constantFrom('\r\n', '\r', '\n', '\0', '.', '\t', 'a', 'z'.repeat(21), '\xe9');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 8 }), fc.integer({ min: 1, max: 30 }), (list, size) => {
        const bytes = Buffer.from(list.join(''), 'latin1');
        const chunks: Buffer[] = [];
        for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size));
        if (/\0|\r(?!\n)|(?<!\r)\n/.test(list.join('')))
          expect(() => stuff(chunks)).toThrow(UnsafeContentError);
        else expect(() => stuff(chunks)).not.toThrow();
      }),
      { numRuns: 200 },
    );
  });

  it('is the same however it was cut, and comes back when the dots are undone', () => {
    const lines = fc.array(fc.constantFrom('', '.', '..', 'a', '.x', 'y.', '\t.', 'z'.repeat(21)), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(lines, fc.integer({ min: 1, max: 30 }), (list, size) => {
        const content = list.map((line) => `${line}\r\n`).join('');
        const bytes = Buffer.from(content);
        const chunks: Buffer[] = [];
        for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size));
        const wire = stuff(chunks);
        expect(wire).toBe(stuff([bytes]));
        expect(wire).not.toMatch(/(?:^|\r\n)\.\r\n/);
        expect(wire.replace(/(^|\r\n)\./g, '$1')).toBe(content);
      }),
      { numRuns: 100 },
    );
  });
});

const read = (text: string) => createReplyReader().push(Buffer.from(text));

describe('a reply', () => {
  it('is read over several lines and packets', () => {
    const reader = createReplyReader();
    expect(reader.push(Buffer.from('250-one\r\n25'))).toEqual([]);
    expect(reader.pending()).toBe(true);
    expect(reader.push(Buffer.from('0 two\r\n354 go\r\n'))).toEqual([
      { code: 250, lines: ['one', 'two'] },
      { code: 354, lines: ['go'] },
    ]);
    expect(reader.pending()).toBe(false);
  });

  it.each([
    ['550 5.1.1 no such user\r\n', '5.1.1'],
    ['550 2.1.1 a class that does not fit\r\n', undefined],
    ['550 no status\r\n', undefined],
    ['550\r\n', undefined],
  ])('%j has status %s', (text, enhanced) => {
    expect(read(text)[0]?.enhanced).toBe(enhanced);
  });

  it.each([
    'hello\r\n',
    '999 x\r\n',
    '250-a\r\n550 b\r\n',
    `250 ${'x'.repeat(5000)}\r\n`,
    'x'.repeat(5000),
    '250-a\r\n'.repeat(200),
  ])('that is none is refused (%#)', (text) => {
    expect(() => read(text)).toThrow(ProtocolError);
  });

  it('to EHLO names what the server can', () => {
    const [ehlo] = read('250-STARTTLS 8BITMIME\r\n250-size 1000\r\n250-auth PLAIN login\r\n250 SMTPUTF8\r\n');
    expect(readCapabilities(ehlo!)).toMatchObject({
      startTls: false,
      eightBitMime: false,
      smtpUtf8: true,
      maxSize: 1000,
      auth: ['PLAIN', 'LOGIN'],
    });
  });
});
