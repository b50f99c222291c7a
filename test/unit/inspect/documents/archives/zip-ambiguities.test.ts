import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contents, isClean, listed, names, readAs } from './reading.js';
import { localHeader, zip } from './zip-bytes.js';

const CARD = { name: 'card.txt', content: 'shown to some' };
const NOTE = { name: 'note.txt', content: 'shown to others' };
const fieldsOf = (name: string, content: string) => ({
  name,
  flags: 0,
  method: 0,
  crc: crc32(content),
  packed: content.length,
  size: content.length,
  localAt: 0,
  extra: Buffer.alloc(0),
});

describe('a zip that two programs could read differently', () => {
  it('is told from one that is plain', async () => {
    const result = await readAs('zip', zip([CARD, { ...NOTE, store: true }]));
    expect(isClean(result)).toBe(true);
    expect(contents(result)).toEqual([CARD.content, NOTE.content]);
  });

  it.each([
    ['a document', '%PDF-1.4\n%âãÏÓ\n1 0 obj', [`%PDF-1.4\n%âãÏÓ\n1 0 obj`]],
    ['a page', 'MRN <b>00</b>123', ['MRN <b>00</b>123']],
    ['where a link leads', '../notes/Befund 3.txt', []],
  ])('a file that is called a link is read as what it holds: %s', async (_name, content, expected) => {
    const bytes = zip([{ name: 'a.pdf', content }]);
    const at = bytes.indexOf('PK\x01\x02', 'latin1');
    // Made on Unix, and a link there: other programs heed neither.
    bytes[at + 5] = 3;
    bytes.writeUInt16LE(0xa1ff, at + 40);
    expect(contents(await readAs('zip', bytes))).toEqual(expected);
  });

  it('two files one after the other: both are read', async () => {
    const result = await readAs('zip', Buffer.concat([zip([CARD]), zip([NOTE])]));
    expect(result.oddities).toContain('zip-two-directories');
    expect(contents(result)).toEqual(expect.arrayContaining([CARD.content, NOTE.content]));
  });

  it('a second file within the comment: both are read', async () => {
    const result = await readAs('zip', zip([CARD], { comment: zip([NOTE]) }));
    expect(result.oddities).toContain('zip-two-directories');
    expect(contents(result)).toEqual(expect.arrayContaining([CARD.content, NOTE.content]));
  });

  it('a stored zip within a zip is no ambiguity', async () => {
    const result = await readAs('zip', zip([{ name: 'inner.zip', content: zip([NOTE]), store: true }]));
    expect(isClean(result)).toBe(true);
    expect(result.children).toHaveLength(1);
  });

  it('an entry that no directory lists is read', async () => {
    const hidden = Buffer.concat([localHeader(fieldsOf('x.txt', NOTE.content)), Buffer.from(NOTE.content)]);
    for (const options of [{ prefix: hidden }, { prefix: hidden, ownOffsets: true }, { between: hidden }]) {
      const result = await readAs('zip', zip([CARD], options));
      expect(result.oddities).toContain('zip-unlisted-entry');
      expect(contents(result)).toEqual(expect.arrayContaining([CARD.content, NOTE.content]));
      expect(names(result)).toContain('x.txt');
    }
  });

  it('a local header that says it is masked, of an entry that is not encrypted', async () => {
    const masked = { flags: 0x2000, name: 'Jane Sample.txt' };
    const result = await readAs('zip', zip([{ ...CARD, local: masked }]));
    expect(result.oddities).toContain('zip-header-mismatch');
    expect(names(result)).toContain('Jane Sample.txt');
  });

  it.each([
    ['before', { prefix: Buffer.from('words before') }, 'zip-data-before'],
    [
      'before, with offsets of its own',
      { prefix: Buffer.from('words before'), ownOffsets: true },
      'zip-data-before',
    ],
    ['between', { between: Buffer.from('words between') }, 'zip-hidden-data'],
  ] as [string, { prefix?: Buffer; between?: Buffer; ownOffsets?: boolean }, string][])(
    'data %s',
    async (_, options, oddity) => {
      const result = await readAs('zip', zip([CARD], options));
      expect(result.oddities).toContain(oddity);
      expect(contents(result)).toEqual(
        expect.arrayContaining([CARD.content, `${options.prefix ?? options.between}`]),
      );
    },
  );

  it('data behind', async () => {
    const result = await readAs('zip', Buffer.concat([zip([CARD]), Buffer.from('words behind')]));
    expect(result.oddities).toEqual(['zip-data-after']);
    expect(contents(result)).toEqual([CARD.content, 'words behind']);
  });

  it('zeros around it are padding', async () => {
    expect(isClean(await readAs('zip', Buffer.concat([zip([CARD]), Buffer.alloc(2048)])))).toBe(true);
  });

  it('data behind the end of what was compressed', async () => {
    const content = Buffer.from('short');
    const packed = Buffer.concat([deflateRawSync(content), Buffer.from('hidden words')]);
    const fields = {
      ...fieldsOf('a', ''),
      method: 8,
      crc: crc32(content),
      packed: packed.length,
      size: content.length,
    };
    const file = zip([{ name: 'a', content: packed, store: true, local: fields, central: fields }]);
    const result = await readAs('zip', file);
    expect(result.oddities).toContain('zip-hidden-data');
    expect(contents(result)).toEqual(['short', 'hidden words']);
  });

  it.each([
    ['names', { name: 'other-name.txt' }],
    ['methods', { method: 0 }],
    ['sizes', { size: 5 }],
    ['checksums', { crc: 1 }],
    ['encryption', { flags: 1 }],
  ])('its headers disagree about %s', async (_, local) => {
    const result = await readAs('zip', zip([{ ...CARD, local }]));
    expect(result.oddities).toContain('zip-header-mismatch');
    expect(contents(result)).toContain(CARD.content);
  });

  it('each header says another method: both readings are given', async () => {
    const packed = deflateRawSync(Buffer.from('inflated'));
    const file = zip([
      { name: 'a', content: packed, store: true, local: { method: 8, crc: crc32('inflated'), size: 8 } },
    ]);
    const result = await readAs('zip', file);
    expect(result.oddities).toContain('zip-header-mismatch');
    expect(result.children.map(({ bytes }) => bytes)).toEqual([packed, Buffer.from('inflated')]);
  });

  it('both names are text where they differ', async () => {
    const result = await readAs('zip', zip([{ ...CARD, local: { name: 'Jane Sample.txt' } }]));
    expect(names(result)).toEqual(['card.txt', 'Jane Sample.txt']);
  });

  it('an entry that only the directory calls encrypted is still told as encrypted', async () => {
    const result = await readAs('zip', zip([{ ...CARD, central: { flags: 1 } }]));
    expect(result.oddities).toContain('zip-header-mismatch');
    expect(listed(result)).toEqual(['card.txt: (encrypted)', `card.txt: ${CARD.content}`]);
  });

  it('stored data with two sizes: both are read', async () => {
    const content = 'short and long';
    const both = { packed: 5, size: content.length };
    const result = await readAs(
      'zip',
      zip([{ name: 'a', content, store: true, local: both, central: both }]),
    );
    expect(result.oddities).toContain('zip-header-mismatch');
    expect(contents(result)).toContain(content);
  });

  it('one name twice', async () => {
    const result = await readAs('zip', zip([CARD, { ...CARD, content: 'another' }]));
    expect(result.oddities).toEqual(['zip-duplicate-name']);
    expect(contents(result)).toEqual([CARD.content, 'another']);
  });

  it('another number of entries than there are', async () => {
    const result = await readAs('zip', zip([CARD, NOTE], { count: 1 }));
    expect(result.oddities).toContain('zip-count-mismatch');
    expect(contents(result)).toEqual([CARD.content, NOTE.content]);
    expect((await readAs('zip', zip([CARD], { count: 2 }))).status).toBe('corrupt');
  });

  it('entries that overlap', async () => {
    const result = await readAs('zip', zip([CARD, { ...NOTE, central: { localAt: 0 } }]));
    expect(result.oddities).toContain('zip-overlap');
  });
});

describe('names in archives', () => {
  it.each([
    ['../../etc/passwd'],
    ['C:\\windows\\system32\\x.txt'],
    ['CON'],
    ['/dev/sda'],
    ['invoice\u202etxt.exe'],
    ['a'.repeat(300)],
    ['__proto__'],
  ])('are text and nothing else: %j', async (name) => {
    const file = zip([{ name, content: 'content', local: { flags: 0x800 }, central: { flags: 0x800 } }]);
    const result = await readAs('zip', file);
    expect(result.children).toHaveLength(1);
    expect(result.children[0]?.fileName).toBe(name.slice(0, 255));
    expect(names(result)).toEqual([name]);
    expect(contents(result)).toEqual(['content']);
  });

  it('are read in each character set that programs use', async () => {
    const result = await readAs('zip', zip([{ name: Buffer.from([0x4a, 0x94, 0x72, 0x67]), content: 'x' }]));
    expect(names(result)).toContain('Jörg');
  });

  it('with NUL are read differently by programs', async () => {
    const result = await readAs('zip', zip([{ name: 'a.txt\0.exe', content: 'x' }]));
    expect(result.oddities).toContain('archive-name-with-nul');
  });
});
