import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ArchiveKind, contents, fixture, isClean, KIND_OF, names, readAs } from './reading.js';

/** Small ones of each format, with checksums, so that what is called read can be compared. */
const FILES = [
  'plain.zip',
  'stored.zip',
  'streamed.zip',
  'zip64.zip',
  'lzma.zip',
  'xz.zip',
  'mixed.zip',
  'lzma2.7z',
  'names.7z',
  'encrypted.7z',
  'rar4.rar',
  'rar5.rar',
  'rar4-files-encrypted.rar',
  'members.gz',
  'note.txt.gz',
  'note.txt.bz2',
  'note.txt.xz',
  'streams.bz2',
  'streams.xz',
];
/** A file of several streams that is cut between two is a file of fewer streams. */
const STREAMS = /^(?:members|streams)\./;
const kindOf = (name: string): ArchiveKind => KIND_OF[name.slice(name.lastIndexOf('.') + 1)] ?? 'zip';

describe.each(FILES)('%s, broken', (name) => {
  const whole = fixture(name);
  const kind = kindOf(name);

  it('cut short anywhere is never read in full', async () => {
    const all = contents(await readAs(kind, whole));
    const step = Math.max(1, Math.floor(whole.length / 40));
    for (let length = 0; length < whole.length; length += step) {
      const result = await readAs(kind, Buffer.from(whole.subarray(0, length)));
      if (!isClean(result)) continue;
      // Of several streams the first ones are whole by themselves.
      if (STREAMS.test(name)) expect(all[0]?.startsWith(contents(result)[0] ?? '?')).toBe(true);
      else expect(contents(result)).toEqual(all);
    }
  });

  it('with one bit flipped gives all content, or says that it does not', async () => {
    const original = await readAs(kind, whole);
    const place = fc.record({ at: fc.nat(whole.length - 1), bit: fc.nat(7) });
    await fc.assert(
      fc.asyncProperty(place, async ({ at, bit }) => {
        const bytes = Buffer.from(whole);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit);
        const result = await readAs(kind, bytes);
        if (!isClean(result)) return;
        expect(contents(result).sort()).toEqual(contents(original).sort());
        expect(names(result).length).toBeGreaterThanOrEqual(names(original).length);
      }),
      { numRuns: 40 },
    );
  });
});

describe('any bytes', () => {
  const START: Readonly<Record<ArchiveKind, Buffer>> = {
    zip: Buffer.from('PK\x03\x04', 'latin1'),
    sevenZip: fixture('lzma2.7z').subarray(0, 32),
    rar: fixture('rar5.rar').subarray(0, 24),
    tar: fixture('gnu.tar').subarray(0, 512),
    gzip: Buffer.from([0x1f, 0x8b, 8, 0]),
    bzip2: fixture('streams.bz2').subarray(0, 30),
    xz: fixture('streams.xz').subarray(0, 24),
  };
  const kinds = ['zip', 'sevenZip', 'rar', 'tar', 'gzip', 'bzip2', 'xz'] as const;

  it('behind the beginning of an archive give an answer', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 400 }), async (kind, tail) => {
        const result = await readAs(kind, Buffer.concat([START[kind], tail]));
        if (tail.length < 2) expect(isClean(result)).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  it.each(kinds)('%s: nothing, and no archive at all', async (kind) => {
    for (const bytes of [Buffer.alloc(0), Buffer.from('Dear colleague, this is no archive.')]) {
      const { status } = await readAs(kind, bytes);
      expect(status).toBe(kind === 'tar' && bytes.length === 0 ? 'empty' : 'corrupt');
    }
  });
});

describe('data behind an archive', () => {
  it.each([
    ['note.txt.gz', 'gzip-trailing-data'],
    ['note.txt.bz2', 'bzip2-trailing-data'],
    ['lzma2.7z', '7z-trailing-data'],
    ['rar4.rar', 'rar-trailing-data'],
    ['rar5.rar', 'rar-trailing-data'],
  ])('%s', async (name, oddity) => {
    const result = await readAs(kindOf(name), Buffer.concat([fixture(name), Buffer.from('words behind')]));
    expect(result.oddities).toEqual([oddity]);
    expect(contents(result)).toContain('words behind');
  });

  it('xz', async () => {
    const bytes = Buffer.concat([fixture('note.txt.xz'), Buffer.from('words behind')]);
    expect((await readAs('xz', bytes)).status).toBe('corrupt');
  });
});

describe('RAR', () => {
  it('one volume of several is unsupported', async () => {
    const bytes = Buffer.from(fixture('rar4.rar'));
    // Main header: flag 1, and its checksum over what follows it.
    bytes[10] = (bytes[10] ?? 0) | 1;
    bytes.writeUInt16LE(crc32(bytes.subarray(9, 20)) & 0xffff, 7);
    const result = await readAs('rar', bytes);
    expect(result.status).toBe('unsupported');
    expect(contents(result)).toEqual([]);
  });
});
