import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base64Places } from '../../../src/inspect/base64-lines.js';
import type { ContentPlace } from '../../../src/inspect/content-place.js';
import { decodeStream } from '../../../src/inspect/decode-stream.js';
import { renderAttachments, renderMessage } from '../../../src/inspect/render.js';
import { decodeQuotedPrintable } from '../../../src/inspect/transfer-decoding.js';
import { watchProcessor } from '../../support/processor-time.js';

/*
 * The content of an attachment is read from its place in the message. Whatever the message, that gives the bytes that
 * reading the whole message gives, or there is no place and the whole is read.
 */

const LARGE = filler(40_000, 1);
const PNG = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), filler(30_000, 2)]);

function filler(size: number, seed: number): Buffer {
  return Buffer.from(
    Array.from({ length: size }, (_, at) => (at * 7919 + (at >> 5) * seed * 31 + seed) & 0xff),
  );
}

function base64(bytes: Buffer, width = 76): string {
  return (bytes.toString('base64').match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join('\r\n');
}

function part(header: readonly string[], body: string): string {
  return `${header.join('\r\n')}\r\n\r\n${body}`;
}

function message(parts: readonly string[], type = 'multipart/mixed; boundary=b', boundary = 'b'): Buffer {
  const head = `From: a@clinic.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: ${type}\r\n\r\n`;
  return Buffer.from(
    `${head}${parts.map((one) => `--${boundary}\r\n${one}\r\n`).join('')}--${boundary}--\r\n`,
    'latin1',
  );
}

const TEXT = part(['Content-Type: text/plain'], 'Dear reader,\r\n\r\nhello\r\n');
const file = (encoding: string, body: string, type = 'application/octet-stream; name=f.bin') =>
  part(
    [`Content-Type: ${type}`, 'Content-Disposition: attachment', `Content-Transfer-Encoding: ${encoding}`],
    body,
  );
const NESTED = message([TEXT, file('base64', base64(LARGE))], 'multipart/mixed; boundary=inner', 'inner');

/** Name, message, and the encoding of each attachment's place: `whole` where there is none. */
const MESSAGES: readonly (readonly [string, Buffer, readonly (ContentPlace['encoding'] | 'whole')[]])[] = [
  ['base64', message([TEXT, file('base64', base64(LARGE))]), ['base64']],
  ...[1, 2, 3].map(
    (more) =>
      [
        `base64, ${more} bytes more`,
        message([TEXT, file('base64', base64(filler(LARGE.length + more, 3)))]),
        ['base64'],
      ] as const,
  ),
  ['a small one in base64', message([TEXT, file('base64', base64(filler(100, 4)))]), ['base64']],
  [
    'several alike',
    message([TEXT, ...Array(3).fill(file('base64', base64(LARGE)))]),
    ['base64', 'base64', 'base64'],
  ],
  ['base64 in one long line', message([TEXT, file('base64', LARGE.toString('base64'))]), ['whole']],
  [
    'base64 with bare line feeds',
    message([TEXT, file('base64', base64(LARGE).replaceAll('\r\n', '\n'))]),
    ['base64'],
  ],
  ['base64 and an empty line', message([TEXT, file('base64', `${base64(LARGE)}\r\n\r\n`)]), ['base64']],
  ['base64 behind an empty line', message([TEXT, file('base64', `\r\n\r\n${base64(LARGE)}`)]), ['base64']],
  [
    'base64 with junk behind it',
    message([TEXT, file('base64', `${base64(LARGE)}\r\n\r\nmore+text`)]),
    ['whole'],
  ],
  [
    'base64 with junk within',
    message([TEXT, file('base64', `${base64(LARGE)}\r\n!!\r\n${base64(LARGE)}`)]),
    ['whole'],
  ],
  [
    'base64 padded twice',
    message([TEXT, file('base64', `${base64(filler(20_000, 5))}\r\n${base64(filler(20_000, 6))}`)]),
    ['whole'],
  ],
  ['base64 cut short', message([TEXT, file('base64', base64(LARGE).slice(0, -3))]), ['whole']],
  [
    'base64 as text',
    message([
      part(
        ['Content-Type: text/plain', 'Content-Transfer-Encoding: base64'],
        base64(Buffer.from('words '.repeat(4000))),
      ),
      file('base64', base64(LARGE)),
    ]),
    ['base64'],
  ],
  [
    'base64 as text in UTF-16',
    message([
      part(
        ['Content-Type: text/plain; charset=utf-16le', 'Content-Transfer-Encoding: base64'],
        base64(Buffer.from('words '.repeat(4000), 'utf16le')),
      ),
      file('base64', base64(LARGE)),
    ]),
    ['base64'],
  ],
  [
    'base64 that is declared as nothing',
    message([TEXT, part(['Content-Type: application/pdf'], base64(LARGE))]),
    ['none'],
  ],
  [
    'quoted-printable',
    message([
      TEXT,
      file('quoted-printable', 'caf=E9 au=\r\n lait  \r\n=3D=3D\r\n'.repeat(900), 'text/csv; name=t.csv'),
    ]),
    ['quoted-printable'],
  ],
  [
    'quoted-printable that is broken',
    message([TEXT, file('quoted-printable', 'a=ZZ =e9=\t\r\nb \r\nc=')]),
    ['quoted-printable'],
  ],
  [
    '8 bits',
    message([
      TEXT,
      file(
        '8bit',
        'gr\u00fc\u00dfe\r\n\r\n  und so weiter\r\n'.repeat(700),
        'text/plain; charset=iso-8859-1',
      ),
    ]),
    ['none'],
  ],
  ['7 bits, in bare lines', message([TEXT, file('7bit', 'one\ntwo\rthree\n\n')]), ['none']],
  ['an empty one', message([TEXT, file('base64', '')]), ['none']],
  [
    'a message as an attachment',
    message([TEXT, file('7bit', NESTED.toString('latin1'), 'message/rfc822')]),
    ['none'],
  ],
  [
    'a message that is not called an attachment',
    message([TEXT, part(['Content-Type: message/rfc822'], NESTED.toString('latin1'))]),
    ['none'],
  ],
  [
    'a message shown within the message',
    message([
      TEXT,
      part(['Content-Type: message/rfc822', 'Content-Disposition: inline'], NESTED.toString('latin1')),
    ]),
    ['base64'],
  ],
  ['a message in base64', message([TEXT, file('base64', base64(NESTED), 'message/rfc822')]), ['base64']],
  [
    'a picture shown in the HTML',
    message(
      [
        part(['Content-Type: text/html'], '<p>hi<img src="cid:i@x"></p>'),
        part(
          ['Content-Type: image/png', 'Content-ID: <i@x>', 'Content-Transfer-Encoding: base64'],
          base64(PNG),
        ),
        file('base64', base64(LARGE)),
      ],
      'multipart/related; boundary=b',
    ),
    ['base64', 'base64'],
  ],
  [
    'a picture that nothing shows',
    message([
      part(['Content-Type: text/html'], '<p>hi</p>'),
      part(
        ['Content-Type: image/png', 'Content-ID: <i@x>', 'Content-Transfer-Encoding: base64'],
        base64(PNG),
      ),
    ]),
    ['base64'],
  ],
  [
    'a message that is nothing but a file',
    Buffer.from(
      `Subject: x\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(LARGE)}\r\n`,
    ),
    ['base64'],
  ],
  [
    'a message that is nothing but a raw file',
    Buffer.from('Subject: x\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.4\r\nraw\r\n'),
    ['none'],
  ],
  [
    'TNEF',
    message([
      TEXT,
      file(
        'base64',
        base64(Buffer.concat([Buffer.from('789f3e22', 'hex'), LARGE])),
        'application/ms-tnef; name=winmail.dat',
      ),
    ]),
    ['base64'],
  ],
  [
    'uuencode',
    message([TEXT, file('x-uuencode', 'begin 644 a.txt\r\n%:&5L;&\\\r\n`\r\nend\r\n')]),
    ['whole'],
  ],
  [
    'parts behind the last delimiter',
    Buffer.concat([
      message([TEXT, file('base64', base64(LARGE))]),
      Buffer.from(`--b\r\n${file('base64', base64(PNG))}\r\n--b--\r\n`),
    ]),
    ['base64'],
  ],
  [
    'no last delimiter',
    Buffer.from(
      message([TEXT, file('base64', base64(LARGE))])
        .toString('latin1')
        .replace(/--b--\r\n$/, ''),
      'latin1',
    ),
    ['base64'],
  ],
  [
    'a preamble of base64',
    Buffer.from(
      message([TEXT, file('base64', base64(PNG))])
        .toString('latin1')
        .replace('\r\n\r\n--b', `\r\n\r\n${base64(LARGE)}\r\n--b`),
      'latin1',
    ),
    ['base64'],
  ],
  [
    'a header of base64',
    message([
      TEXT,
      part(
        [
          `Content-Type: application/pdf`,
          'Content-Transfer-Encoding: base64',
          `X-A: ${base64(LARGE).replaceAll('\r\n', '\r\n ')}`,
        ],
        base64(PNG),
      ),
    ]),
    ['base64'],
  ],
];

async function at(bytes: Buffer, place: ContentPlace, cuts: readonly number[] = [4096]): Promise<Buffer> {
  const range = bytes.subarray(place.start, place.end);
  const chunks: Buffer[] = [];
  for await (const chunk of decodeStream(inPieces(range, cuts), place.encoding))
    chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  for (let from = 0, turn = 0; from < bytes.length; turn++) {
    const to = from + Math.max(1, cuts[turn % cuts.length] ?? 1);
    yield Buffer.from(bytes.subarray(from, to));
    from = to;
  }
}

describe('an attachment read from its place', () => {
  it.each(MESSAGES)('is what the whole message gives: %s', async (_name, bytes, encodings) => {
    const whole = await renderAttachments(bytes);
    const { attachments } = await renderMessage(bytes);
    expect(attachments.map(({ fileName, mediaType, size }) => ({ fileName, mediaType, size }))).toEqual(
      whole.map(({ fileName, mediaType, bytes: { length } }) => ({ fileName, mediaType, size: length })),
    );
    expect(attachments.map(({ place }) => place?.encoding ?? 'whole')).toEqual(encodings);
    for (const { index, place } of attachments) {
      if (place === undefined) continue;
      for (const cuts of [[65_536], [1000, 1], [77]])
        expect((await at(bytes, place, cuts)).equals(whole[index]?.bytes ?? Buffer.alloc(0))).toBe(true);
    }
  });

  it('leaves no trace of what was set aside on the page', async () => {
    for (const [, bytes] of MESSAGES) {
      const first = await renderMessage(bytes);
      expect(await renderMessage(bytes)).toEqual(first);
    }
  });

  it('leaves a picture in the HTML that shows it', async () => {
    const shown = MESSAGES.find(([name]) => name.startsWith('a picture shown'))?.[1] ?? Buffer.alloc(0);
    expect((await renderMessage(shown)).html).toContain(`data:image/png;base64,${PNG.toString('base64')}`);
  });
});

describe('base64 in a message', () => {
  it('is found in any number of lines of any width, with the size that it decodes to', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 3000 }),
        fc.integer({ min: 1, max: 200 }),
        (raw, width) => {
          const content = Buffer.from(raw);
          const bytes = Buffer.from(`A: b\r\n\r\n${base64(content, width)}\r\n--b`);
          const [place, ...more] = base64Places(bytes);
          expect(more).toEqual([]);
          expect(place?.size).toBe(content.length);
          expect(
            Buffer.from(bytes.toString('latin1', place?.start, place?.end), 'base64').equals(content),
          ).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('is looked for in time that grows with the message', () => {
    for (const piece of ['\n', '\r\n\r\n', '\n\nAAAA', '\n\nAAAA\n', '\n\nAAA', '\n\n=', '\n\n-', 'AAAA\n']) {
      const work = watchProcessor();
      base64Places(Buffer.from(piece.repeat(4_000_000 / piece.length)));
      work.expectBelow(5000);
    }
  });
});

describe('quoted-printable in pieces', () => {
  it('decodes as in one', async () => {
    const tokens = fc.constantFrom(
      '=',
      '=\r\n',
      '=\n',
      ' ',
      '\t',
      '\r\n',
      '\n',
      '\r',
      'a',
      '=3D',
      '=e9',
      '=Z',
      '\u00e9',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(tokens, { maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
        async (parts, cuts) => {
          const bytes = Buffer.from(parts.join(''), 'latin1');
          const whole = decodeQuotedPrintable(bytes).readings[0] ?? Buffer.alloc(0);
          const place = { start: 0, end: bytes.length, encoding: 'quoted-printable' } as const;
          expect((await at(bytes, place, cuts)).toString('latin1')).toBe(whole.toString('latin1'));
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('random structures', () => {
  it('give the same attachments from their places as the whole', async () => {
    const body = fc.constantFrom(base64(LARGE), base64(PNG), 'text\r\n', '', base64(LARGE).slice(0, 20_001));
    const header = fc.constantFrom(
      'Content-Transfer-Encoding: base64',
      'Content-Transfer-Encoding: 8bit',
      'Content-Transfer-Encoding: quoted-printable',
      'X-Nothing: x',
    );
    const type = fc.constantFrom(
      'application/pdf',
      'text/plain',
      'message/rfc822',
      'text/html',
      'multipart/mixed; boundary=b',
    );
    const glue = fc.constantFrom('\r\n', '\r\n\r\n', '\n', '\r\n-', '\r\n--x\r\n', '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(type, header, body, glue), { maxLength: 5 }), async (parts) => {
        const bytes = message(
          parts.map(([kind, encoding, content, end]) =>
            part([`Content-Type: ${kind}`, encoding], content + end),
          ),
        );
        const whole = await renderAttachments(bytes);
        const { attachments } = await renderMessage(bytes);
        expect(attachments.map(({ size }) => size)).toEqual(whole.map((one) => one.bytes.length));
        for (const { index, place } of attachments)
          if (place !== undefined)
            expect(digest(await at(bytes, place))).toBe(digest(whole[index]?.bytes ?? randomBytes(8)));
      }),
      { numRuns: 60 },
    );
  });
});

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

describe('places of a message that is made of nothing but candidates', () => {
  it('are not looked for beyond a thousand', async () => {
    const body = (lines: number) =>
      message([part(['Content-Type: text/plain'], 'AAAA\r\n\r\n'.repeat(lines)), file('8bit', 'abc')]);
    const placed = async (lines: number) =>
      (await renderMessage(body(lines))).attachments.map(({ place }) => place?.encoding);
    expect(await placed(900)).toEqual(['none']);
    expect(await placed(1100)).toEqual([undefined]);
    const work = watchProcessor();
    const many = base64Places(Buffer.from('AAAA\r\n\r\n'.repeat(2_000_000)), (size) => size === 3, 1001);
    expect(many).toHaveLength(1001);
    work.expectBelow(500);
  });
});
