import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kindOf } from '../../../../../src/inspect/documents/kinds-sniff.js';
import {
  asCompoundFile,
  type CompoundStream,
} from '../../../../../src/inspect/documents/office/compound/compound.js';
import { decompressRtf } from '../../../../../src/inspect/documents/office/mail/compressed-rtf.js';
import { readOffice, view, viewsOf } from './reading.js';

const wide = (text: string) => Buffer.from(text, 'utf16le');
const u16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
};
const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const stored = (content: string) =>
  Buffer.concat([
    u32(content.length + 12),
    u32(content.length),
    u32(0x414c454d),
    u32(0),
    Buffer.from(content),
  ]);

/** Properties of fixed size: type and number, flags, value. */
const fixed = (header: number, entries: readonly (readonly [number, number])[]) =>
  Buffer.concat([
    Buffer.alloc(header),
    ...entries.map(([tag, value]) => Buffer.concat([u32(tag), u32(6), u32(value), u32(0)])),
  ]);

const message = (subject: string, header: number): CompoundStream[] => [
  { path: ['__properties_version1.0'], bytes: fixed(header, [[0x3ffd0003, 1251]]) },
  { path: ['__substg1.0_0037001F'], bytes: wide(subject) },
  { path: ['__substg1.0_001A001F'], bytes: wide('IPM.Note') },
];

function outlookMessage(): Buffer {
  const inner = message('canary-inner-subject', 24);
  const attachment = (index: number, path: string, bytes: Buffer): CompoundStream => ({
    path: [`__attach_version1.0_#0000000${index}`, ...path.split('/')],
    bytes,
  });
  return asCompoundFile([
    ...message('canary-subject', 32),
    { path: ['__substg1.0_1000001F'], bytes: wide('Patient Wilma, canary-body') },
    { path: ['__substg1.0_10130102'], bytes: Buffer.from('<p title="canary-tip">canary<b>-html</b></p>') },
    { path: ['__substg1.0_10090102'], bytes: stored('{\\rtf1 canary{\\b -rtf}{\\v hidden-rtf}}') },
    { path: ['__substg1.0_007D001F'], bytes: wide('X-Canary: canary-transport') },
    { path: ['__substg1.0_8001001F'], bytes: wide('canary-named') },
    { path: ['__substg1.0_8002001E'], bytes: Buffer.from('\xcf\xf0', 'latin1') },
    { path: ['__substg1.0_8003101F'], bytes: u32(22) },
    { path: ['__substg1.0_8003101F-00000000'], bytes: wide('canary-category') },
    { path: ['__nameid_version1.0', '__substg1.0_00020102'], bytes: Buffer.alloc(16) },
    { path: ['__recip_version1.0_#00000000', '__properties_version1.0'], bytes: fixed(8, [[0x0c150003, 1]]) },
    { path: ['__recip_version1.0_#00000000', '__substg1.0_3003001F'], bytes: wide('canary@clinic.example') },
    attachment(0, '__properties_version1.0', fixed(8, [[0x37050003, 1]])),
    attachment(0, '__substg1.0_3707001F', wide('canary name.txt')),
    attachment(0, '__substg1.0_37010102', Buffer.from('attached text')),
    attachment(1, '__properties_version1.0', fixed(8, [[0x37050003, 5]])),
    ...inner.map(({ path, bytes }) => attachment(1, `__substg1.0_3701000D/${path.join('/')}`, bytes)),
    attachment(2, '__properties_version1.0', fixed(8, [[0x37050003, 4]])),
    attachment(2, '__substg1.0_3708001F', wide('\\\\server\\canary.doc')),
  ]);
}

describe('messages of Outlook', () => {
  it.each([
    ['Subject: canary-subject', 'headers'],
    ['canary@clinic.example', 'headers'],
    ['canary-transport', 'headers'],
    ['canary-named', 'headers'],
    ['canary-category', 'headers'],
    ['Пр', 'headers'],
    ['canary-body', 'text'],
    ['canary-html', 'html'],
    ['canary-tip', 'html-attributes'],
    ['canary-rtf', 'rtf'],
    ['hidden-rtf', 'hidden'],
    ['canary name.txt', 'attachments'],
    ['server\\canary.doc', 'attachments'],
  ])('%s is in %s', async (words, where) => {
    const result = await readOffice(outlookMessage());
    expect(result.status).toBe('read');
    expect(viewsOf(result, words)).toContain(where);
  });

  it('gives attachments, messages among them, and says what is only referred to', async () => {
    const { children } = await readOffice(outlookMessage());
    expect(children.map(({ fileName, bytes, status }) => [fileName, bytes && kindOf(bytes), status])).toEqual(
      [
        ['canary name.txt', 'text/plain', undefined],
        [undefined, 'application/vnd.ms-outlook', undefined],
        [undefined, undefined, 'unsupported'],
      ],
    );
    expect(viewsOf(await readOffice(children[1]?.bytes ?? Buffer.of()), 'canary-inner-subject')).toEqual([
      'headers',
    ]);
  });

  it('is read alike by another reader', async () => {
    type Reader = new (bytes: DataView) => { getFileData(): unknown };
    // How a module of the older kind is given depends on what loads it.
    const loaded = (await import('@kenjiuno/msgreader')).default as unknown as
      | Reader
      | { readonly default: Reader };
    const Other = typeof loaded === 'function' ? loaded : loaded.default;
    const bytes = outlookMessage();
    const data = new Other(new DataView(bytes.buffer, bytes.byteOffset, bytes.length));
    expect(data.getFileData()).toMatchObject({
      subject: 'canary-subject',
      body: 'Patient Wilma, canary-body',
    });
  });

  it.each([
    ['UTF-16 as the set of single bytes', 1200, 'Patient Wilma, 447-81', []],
    ['one that nobody here knows', 37, '', ['unknown-code-page']],
    ['UTF-7', 65000, '', ['unknown-code-page']],
  ])('reads text with %s, or says that it can not', async (_, page, words, oddities) => {
    const result = await readOffice(
      asCompoundFile([
        { path: ['__properties_version1.0'], bytes: fixed(32, [[0x3fde0003, page]]) },
        { path: ['__substg1.0_1000001E'], bytes: Buffer.from('Patient Wilma, 447-81') },
        { path: ['__substg1.0_10130102'], bytes: Buffer.from('<p>Patient Wilma, 447-81</p>') },
      ]),
    );
    expect(result.oddities).toEqual(oddities);
    expect(view(result, 'text')).toContain(words);
    expect(view(result, 'html')).toContain(words);
  });

  it('calls properties by their names, and reads what is behind a zero or of an odd type', async () => {
    const strings = Buffer.concat([u32(6), wide('MRN'), Buffer.alloc(2)]);
    const result = await readOffice(
      asCompoundFile([
        ...message('canary-subject', 32),
        { path: ['__substg1.0_1000001F'], bytes: wide('words\0 canary-behind') },
        { path: ['__substg1.0_0070001E'], bytes: Buffer.from('words\0canary-narrow') },
        { path: ['__substg1.0_10000102'], bytes: Buffer.from('canary-bytes') },
        { path: ['__substg1.0_8000001F'], bytes: wide('44781') },
        {
          path: ['__nameid_version1.0', '__substg1.0_00030102'],
          bytes: Buffer.concat([u32(0), u16(1), u16(0)]),
        },
        { path: ['__nameid_version1.0', '__substg1.0_00040102'], bytes: strings },
      ]),
    );
    expect(view(result, 'headers')).toContain('MRN: 44781');
    expect(view(result, 'headers')).toContain('canary-narrow');
    expect(view(result, 'text')).toContain('canary-behind');
    expect(view(result, 'strings')).toContain('canary-bytes');
  });

  it('gives the picture that stands for an attachment, and what else is with it', async () => {
    const attachment = '__attach_version1.0_#00000000';
    const { children } = await readOffice(
      asCompoundFile([
        ...message('canary-subject', 32),
        { path: [attachment, '__properties_version1.0'], bytes: fixed(8, [[0x37050003, 1]]) },
        { path: [attachment, '__substg1.0_37010102'], bytes: Buffer.from('attached text') },
        { path: [attachment, '__substg1.0_37090102'], bytes: Buffer.from('a metafile') },
        { path: [attachment, 'odd'], bytes: Buffer.from('canary') },
      ]),
    );
    expect(children.map(({ fileName }) => fileName)).toEqual([undefined, 'picture.wmf', attachment]);
  });

  it('keeps the rest where the RTF is broken', async () => {
    const result = await readOffice(
      asCompoundFile([
        ...message('canary-subject', 32),
        { path: ['__substg1.0_10090102'], bytes: Buffer.from('x') },
      ]),
    );
    expect(result.status).toBe('corrupt');
    expect(view(result, 'headers')).toContain('canary-subject');
  });
});

describe('decompressRtf', () => {
  it('unpacks the example of the specification', () => {
    const packed =
      '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0';
    expect(decompressRtf(Buffer.from(packed, 'hex')).bytes.toString()).toBe(
      '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n',
    );
  });

  it('unpacks a reference into what it writes', () => {
    const packed = '1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0';
    expect(decompressRtf(Buffer.from(packed, 'hex')).bytes.toString()).toBe('{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}');
  });

  it('reads what is longer than it says', () => {
    const text = '{\\rtf1 words}{behind}';
    const packed = Buffer.concat([u32(16), u32(4), u32(0x414c454d), u32(0), Buffer.from(text)]);
    expect(decompressRtf(packed).bytes.toString()).toBe(text);
  });

  it('never grows beyond nine times', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (data) => {
        const packed = Buffer.concat([u32(data.length + 12), u32(0), u32(0x75465a4c), u32(0), data]);
        expect(decompressRtf(packed).bytes.length).toBeLessThanOrEqual(data.length * 9 + 17);
      }),
      { numRuns: 100 },
    );
  });
});

const attribute = (level: number, id: number, data: Buffer) => {
  const sum = data.reduce((total, byte) => (total + byte) & 0xffff, 0);
  return Buffer.concat([Buffer.of(level), u32(id), u32(data.length), data, u16(sum)]);
};
const pad = (bytes: Buffer) => Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
const variable = (type: number, id: number, value: Buffer) =>
  Buffer.concat([u16(type), u16(id), u32(1), u32(value.length), pad(value)]);
const named = (name: string, value: Buffer) =>
  Buffer.concat([
    u16(0x1f),
    u16(0x8005),
    Buffer.alloc(16),
    u32(1),
    u32(name.length * 2),
    pad(wide(name)),
    u32(1),
    u32(value.length),
    pad(value),
  ]);

function winmail(): Buffer {
  const properties = [
    variable(0x1f, 0x0037, wide('canary-subject\0')),
    variable(0x102, 0x1009, stored('{\\rtf1 canary-rtf}')),
    named('Case', wide('canary-named\0')),
    Buffer.concat([u16(0x40), u16(0x0039), Buffer.alloc(8)]),
  ];
  const row = Buffer.concat([u32(1), variable(0x1e, 0x3003, Buffer.from('canary@clinic.example\0'))]);
  return Buffer.concat([
    Buffer.from('789f3e220100', 'hex'),
    attribute(1, 0x00089006, u32(0x10000)),
    attribute(1, 0x00069007, Buffer.concat([u32(1252), u32(0)])),
    attribute(1, 0x0002800c, Buffer.from('canary-body Zürich\0', 'latin1')),
    attribute(1, 0x00069003, Buffer.concat([u32(properties.length), ...properties])),
    attribute(1, 0x00069004, Buffer.concat([u32(1), row])),
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(2, 0x00018010, Buffer.from('SHORT~1.TXT\0')),
    attribute(2, 0x0006800f, Buffer.from('attached text')),
    attribute(2, 0x00069005, Buffer.concat([u32(1), variable(0x1f, 0x3707, wide('canary long name.txt\0'))])),
    attribute(2, 0x00069002, Buffer.alloc(14)),
    attribute(
      2,
      0x00069005,
      Buffer.concat([
        u32(1),
        variable(0x0d, 0x3701, Buffer.concat([Buffer.alloc(16), Buffer.from('789f3e220100', 'hex')])),
      ]),
    ),
  ]);
}

describe('TNEF', () => {
  it.each([
    ['Subject: canary-subject', 'headers'],
    ['canary@clinic.example', 'headers'],
    ['Case: canary-named', 'headers'],
    ['canary-body Zürich', 'text'],
    ['canary-rtf', 'rtf'],
    ['canary long name.txt', 'attachments'],
  ])('%s is in %s', async (words, where) => {
    const result = await readOffice(winmail());
    expect(result.status).toBe('read');
    expect(viewsOf(result, words)).toContain(where);
  });

  it('gives attachments with their long names, and messages within', async () => {
    const { children } = await readOffice(winmail());
    expect(children.map(({ fileName, bytes }) => [fileName, bytes && kindOf(bytes)])).toEqual([
      ['canary long name.txt', 'text/plain'],
      [undefined, 'application/vnd.ms-tnef'],
    ]);
  });

  it('reads text of single bytes that is said to be UTF-16, and names what it does not know', async () => {
    const of = (page: number) =>
      readOffice(
        Buffer.concat([
          Buffer.from('789f3e220100', 'hex'),
          attribute(1, 0x00069007, Buffer.concat([u32(page), u32(0)])),
          attribute(1, 0x0002800c, Buffer.from('Patient Wilma, 447-81\0')),
        ]),
      );
    expect(view(await of(1200), 'text')).toBe('Patient Wilma, 447-81');
    expect((await of(500)).oddities).toEqual(['unknown-code-page']);
  });

  it('gives all that an attachment holds, whichever of it programs take', async () => {
    const property = (id: number, text: string) =>
      attribute(2, 0x00069005, Buffer.concat([u32(1), variable(0x102, id, Buffer.from(text))]));
    const { children } = await readOffice(
      Buffer.concat([
        Buffer.from('789f3e220100', 'hex'),
        attribute(2, 0x00069002, Buffer.alloc(14)),
        attribute(2, 0x0006800f, Buffer.from('first data')),
        attribute(2, 0x0006800f, Buffer.from('second data')),
        property(0x3701, 'first property'),
        property(0x3701, 'second property'),
        property(0x3709, 'a metafile'),
        attribute(2, 0x00068011, Buffer.from('another metafile')),
      ]),
    );
    expect(children.map(({ bytes }) => bytes?.toString())).toEqual([
      'first data',
      'second data',
      'first property',
      'second property',
      'another metafile',
      'a metafile',
    ]);
  });

  it('reads what is behind a zero', async () => {
    const result = await readOffice(
      Buffer.concat([
        Buffer.from('789f3e220100', 'hex'),
        attribute(1, 0x0002800c, Buffer.from('words\0canary-behind\0')),
      ]),
    );
    expect(view(result, 'text')).toContain('canary-behind');
  });

  it('allows line breaks behind it', async () => {
    expect((await readOffice(Buffer.concat([winmail(), Buffer.from('\r\n')]))).status).toBe('read');
  });

  it('tells every truncation and every changed byte of its data', async () => {
    const whole = winmail();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 6, max: whole.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        async (at, mask) => {
          const ends = [6];
          for (let next = 6; next < whole.length; ) {
            next += 11 + whole.readUInt32LE(next + 5);
            ends.push(next);
          }
          if (!ends.includes(at)) expect((await readOffice(whole.subarray(0, at))).status).toBe('corrupt');
          const changed = Buffer.from(whole);
          changed[at] = (changed[at] ?? 0) ^ mask;
          await readOffice(changed);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('mbox', () => {
  const mail = (subject: string, body: string) =>
    `From wilma@clinic.example Thu Jan  1 00:00:00 2026\nFrom: wilma@clinic.example\nSubject: ${subject}\nMIME-Version: 1.0\n\n${body}\n\n`;

  it('is split into its messages', async () => {
    const result = await readOffice(
      Buffer.from(mail('one', 'From here on\n\nFrom there') + mail('two', 'b')),
    );
    expect(result).toMatchObject({ status: 'read', oddities: [] });
    expect(result.children.map(({ mediaType }) => mediaType)).toEqual(['message/rfc822', 'message/rfc822']);
    expect(result.children.map(({ bytes }) => /Subject: (.*)/.exec(bytes?.toString() ?? '')?.[1])).toEqual([
      'one',
      'two',
    ]);
    expect(result.children[0]?.bytes?.toString()).toContain('From there');
  });

  it('names what programs would split differently', async () => {
    const result = await readOffice(Buffer.from(mail('one', `a\n${mail('two', 'b').trim()}`)));
    expect(result.oddities).toEqual(['mbox-unclear-separator']);
    expect(result.children).toHaveLength(2);
  });

  it('loses nothing but the separators', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('From ', 'word', '\n', '\r\n', 'Subject: a', '2026', ' '), {
          maxLength: 40,
        }),
        async (pieces) => {
          const result = await readOffice(Buffer.from(mail('one', pieces.join(''))));
          const bodies = result.children.map(({ bytes }) => bytes?.toString() ?? '');
          const all = [...bodies, view(result, 'separators')].join('');
          expect(all.split('word').length - 1).toBe(pieces.filter((piece) => piece === 'word').length);
        },
      ),
      { numRuns: 100 },
    );
  });
});
