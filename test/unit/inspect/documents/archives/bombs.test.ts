import { crc32, deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { READERS } from '../../../../../src/inspect/documents/archives/index.js';
import { KINDS } from '../../../../../src/inspect/documents/kinds.js';
import {
  type ArchiveKind,
  budget,
  contents,
  fixture,
  LIMITS,
  listed,
  readAs,
  type Spent,
} from './reading.js';
import { pax, tar } from './tar-bytes.js';
import { localHeader, zip } from './zip-bytes.js';

const ZEROS = Buffer.alloc(60_000_000);
const SMALL = { ...LIMITS, maxUnpacked: 5_000_000, maxRatio: 1_000_000 };

async function spending(kind: ArchiveKind, bytes: Buffer, limits = SMALL) {
  const spent: Spent = { unpacked: 0, entries: 0 };
  const reader = READERS[KINDS[kind]];
  const result = await reader?.({ bytes }, { limits, budget: budget(limits, spent) });
  return { result, spent };
}

describe('what grows beyond the budget is stopped while it grows', () => {
  it.each([
    ['gzip', 'gzip', gzipSync(ZEROS)],
    ['zip', 'zip', zip([{ name: 'a', content: ZEROS }])],
    [
      'zip that declares little',
      'zip',
      zip([{ name: 'a', content: ZEROS, local: { size: 10 }, central: { size: 10 } }]),
    ],
    ['bzip2', 'bzip2', fixture('zeros.bz2')],
    ['xz', 'xz', fixture('zeros.xz')],
    ['7z', 'sevenZip', fixture('zeros.7z')],
    [
      'tar with a hole',
      'tar',
      tar([pax({ 'GNU.sparse.size': '60000000', 'GNU.sparse.map': '0,1' }), { name: 'a', content: 'x' }]),
    ],
  ] as const)('%s', async (_, kind, bytes) => {
    const { result, spent } = await spending(kind, bytes);
    expect(result?.status).toBe('too-large');
    expect(result?.children.every((child) => child.bytes === undefined)).toBe(true);
    expect(spent.unpacked).toBeLessThanOrEqual(SMALL.maxUnpacked);
  });

  it('whatever the budget is, beyond the ratio', async () => {
    const limits = { ...LIMITS, maxUnpacked: 1_000_000_000, maxRatio: 100 };
    const { result, spent } = await spending('gzip', gzipSync(ZEROS), limits);
    expect(result?.status).toBe('too-large');
    expect(spent.unpacked).toBeLessThan(10_000_000);
  });

  it('small things may compress well', async () => {
    expect((await readAs('gzip', gzipSync(Buffer.alloc(900_000)))).status).toBe('read');
  });
});

describe('what is too large leaves the rest to be read', () => {
  it('entries that declare too much', async () => {
    const huge = { size: 0xfffffff0 };
    const file = zip([
      { name: 'huge', content: 'x', local: huge, central: huge },
      { name: 'note.txt', content: 'Patient: Jane Sample' },
    ]);
    const result = await readAs('zip', file);
    expect(result.status).toBe('too-large');
    expect(listed(result)).toEqual(['huge: (too-large)', 'note.txt: Patient: Jane Sample']);
  });
});

describe('zips that unfold one piece of data many times', () => {
  it('by entries that share it', async () => {
    const kernel = Buffer.alloc(2_000_000);
    const packed = deflateRawSync(kernel);
    const fields = {
      name: 'a',
      flags: 0,
      method: 8,
      crc: crc32(kernel),
      packed: packed.length,
      size: kernel.length,
      localAt: 0,
      extra: Buffer.alloc(0),
    };
    const file = zip(
      Array.from({ length: 500 }, (_, index) => ({
        name: `a${index}`,
        content: '',
        local: {},
        central: { ...fields, name: `a${index}`, localAt: 0 },
      })),
      { prefix: Buffer.concat([localHeader(fields), packed]) },
    );
    const { result, spent } = await spending('zip', file);
    expect(result?.status).toBe('too-large');
    expect(result?.oddities).toContain('zip-overlap');
    expect(spent.unpacked).toBeLessThanOrEqual(SMALL.maxUnpacked);
  });

  it('level by level, with a budget for all levels together', async () => {
    let level = zip([{ name: 'zeros', content: Buffer.alloc(1_000_000) }]);
    for (let depth = 0; depth < 5; depth++) {
      const inner = level;
      level = zip(Array.from({ length: 8 }, (_, index) => ({ name: `${index}.zip`, content: inner })));
    }
    const spent: Spent = { unpacked: 0, entries: 0 };
    const shared = budget(SMALL, spent);
    const statuses = new Set<string>();
    const queue = [level];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const result = await READERS[KINDS.zip]?.({ bytes: next }, { limits: SMALL, budget: shared });
      statuses.add(result?.status ?? '');
      for (const { bytes } of result?.children ?? [])
        if (bytes?.subarray(0, 2).toString() === 'PK') queue.push(bytes);
      if (statuses.has('too-large')) break;
    }
    expect(statuses).toContain('too-large');
    expect(spent.entries).toBeLessThanOrEqual(SMALL.maxEntries + 1);
  });

  it('fifty levels deep', async () => {
    let bytes = zip([{ name: 'note.txt', content: 'Patient: Jane Sample' }]);
    for (let depth = 0; depth < 50; depth++)
      bytes = zip([{ name: `${depth}.zip`, content: bytes, store: depth % 2 === 0 }]);
    for (let depth = 0; depth < 50; depth++) {
      const result = await readAs('zip', bytes);
      expect(result).toMatchObject({ status: 'read', oddities: [] });
      bytes = result.children[0]?.bytes ?? Buffer.alloc(0);
    }
    expect(contents(await readAs('zip', bytes))).toEqual(['Patient: Jane Sample']);
  });
});

describe('very many entries', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({
    name: `${index}`,
    content: 'x',
    store: true,
  }));
  it.each([
    ['zip', zip(many, { count: 10_000 })],
    ['tar', tar(many)],
    ['gzip', Buffer.concat(many.map(() => gzipSync('x')))],
    ['bzip2', Buffer.concat(many.map(() => fixture('note.txt.bz2')))],
    ['xz', Buffer.concat(many.map(() => fixture('note.txt.xz')))],
  ] as const)('%s: as many as are allowed', async (kind, bytes) => {
    const { result, spent } = await spending(kind, bytes);
    expect(result?.status).toBe('too-large');
    expect(spent.entries).toBe(SMALL.maxEntries + 1);
  });

  it('are read where they are allowed', async () => {
    const result = await readAs('zip', zip(many), { ...LIMITS, maxEntries: 10_000 });
    expect(result.status).toBe('read');
    expect(result.children).toHaveLength(10_000);
  });

  it('a hundred thousand end records', async () => {
    const end = zip([]);
    const result = await readAs('zip', Buffer.concat(Array.from({ length: 100_001 }, () => end)));
    expect(result.status).toBe('corrupt');
  });
});
