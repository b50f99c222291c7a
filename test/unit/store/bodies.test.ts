import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SealedBody } from '../../../src/model/message.js';
import { CHUNK_SIZE } from '../../../src/store/body-seal.js';
import { createBodyStore, sweepOrphans } from '../../../src/store/body-store.js';
import { type FileOps, systemFiles } from '../../../src/store/file-ops.js';
import { type FreshBodies, freshBodies } from '../../../src/store/fresh-bodies.js';
import type { BodyStore, PlainRange } from '../../../src/store/ports.js';
import { temporaryFolder } from './fixtures.js';

const MAGIC = 8;
const SEALED_CHUNK = CHUNK_SIZE + 16;
const ROOM = {
  mostOfOne: 8 * CHUNK_SIZE,
  mostKept: 64 * CHUNK_SIZE,
  mostGathered: 64 * CHUNK_SIZE,
  stays: 60_000,
};

function setUp(files: FileOps = systemFiles, fresh?: FreshBodies) {
  const folder = join(temporaryFolder(), 'bodies');
  mkdirSync(folder);
  const syncFailures: Error[] = [];
  const wrappingKey = randomBytes(32);
  const make = (key: Buffer) =>
    createBodyStore({
      folder,
      wrappingKey: key,
      files,
      onSyncFailure: (error) => syncFailures.push(error),
      ...(fresh === undefined ? {} : { fresh }),
    });
  return { folder, syncFailures, bodies: make(wrappingKey), otherKey: make(randomBytes(32)) };
}

function flow(stream: Readable): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('end', () => resolve(Buffer.concat(chunks)));
    stream.on('error', reject);
  });
}

/** What a body holds, by both ways of reading it, which must agree. */
async function read(bodies: BodyStore, body: SealedBody, range?: PlainRange): Promise<Buffer> {
  const iterate = async () => {
    const chunks: Buffer[] = [];
    for await (const chunk of bodies.open(body, range)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const [one, other] = await Promise.allSettled([iterate(), flow(bodies.open(body, range))]);
  expect(other.status).toBe(one.status);
  if (one.status === 'rejected') throw one.reason;
  if (other.status === 'fulfilled') expect(other.value.equals(one.value)).toBe(true);
  return one.value;
}

/** Seals content that comes piece by piece. */
async function sealPieces(bodies: BodyStore, bytes: Uint8Array, readSoon = false): Promise<SealedBody> {
  const writer = bodies.create({ readSoon });
  for (let at = 0; at < bytes.length; at += 50_000) await writer.write(bytes.subarray(at, at + 50_000));
  return writer.finish();
}

function fileOf(folder: string, body: SealedBody): string {
  if (body.content.kind !== 'file') throw new Error('not in a file');
  return join(folder, body.content.name);
}

const sizes = [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE, 3 * CHUNK_SIZE + 5];
/** More than is written or read at once. */
const largeSizes = [4 * CHUNK_SIZE + 1, 8 * CHUNK_SIZE, 9 * CHUNK_SIZE, 21 * CHUNK_SIZE + 5];

describe('sealed bodies', () => {
  it.each(sizes)('of %i bytes come back', async (size) => {
    const { bodies, folder } = setUp();
    const plain = randomBytes(size);
    const body = await bodies.seal(plain);
    expect(body.size).toBe(size);
    expect(body.content.kind).toBe(size <= CHUNK_SIZE ? 'inline' : 'file');
    expect((await read(bodies, body)).equals(plain)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(size <= CHUNK_SIZE ? 0 : 1);
  });

  it.each(largeSizes)('of %i bytes come back, whatever room there is in memory', async (size) => {
    const plain = randomBytes(size);
    for (const most of [0, 3 * CHUNK_SIZE, 64 * CHUNK_SIZE]) {
      const fresh = freshBodies({
        mostOfOne: 8 * CHUNK_SIZE,
        mostKept: most,
        mostGathered: most,
        stays: 1000,
      });
      const { bodies } = setUp(systemFiles, fresh);
      for (const readSoon of [false, true]) {
        const body = await sealPieces(bodies, plain, readSoon);
        expect((await read(bodies, body)).equals(plain)).toBe(true);
        fresh.forgetAll();
        expect((await read(bodies, body)).equals(plain)).toBe(true);
        const range = { start: 3 * CHUNK_SIZE - 1, end: size - 1 };
        expect((await read(bodies, body, range)).equals(plain.subarray(range.start, range.end))).toBe(true);
      }
      // All room was given back.
      expect(fresh.reserve(most, false)).toBe(true);
    }
  });

  it('come back whole when they are forgotten while somebody reads them, and others take their place', async () => {
    const fresh = freshBodies({ ...ROOM, mostKept: 4 * CHUNK_SIZE });
    const { bodies } = setUp(systemFiles, fresh);
    const plain = randomBytes(4 * CHUNK_SIZE);
    const body = await sealPieces(bodies, plain, true);
    const pieces: Buffer[] = [];
    for await (const piece of bodies.open(body)) {
      pieces.push(piece);
      if (pieces.length > 1) continue;
      fresh.forgetAll();
      const other = await sealPieces(bodies, Buffer.alloc(plain.length, 7), true);
      expect(fresh.read(other, 0, 1)).toEqual(Buffer.of(7));
    }
    expect(Buffer.concat(pieces).equals(plain)).toBe(true);
  });

  it('come back however they were cut into writes', async () => {
    const { bodies } = setUp();
    const cuts = fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(cuts, async (lengths) => {
        const pieces = lengths.map((length) => randomBytes(length));
        const writer = bodies.create();
        // Not awaited one by one: the writer keeps the order.
        const written = pieces.map((piece) => writer.write(piece));
        const body = await writer.finish();
        await Promise.all(written);
        expect((await read(bodies, body)).equals(Buffer.concat(pieces))).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it.each(
    sizes.flatMap(
      (size) =>
        [
          [size, 'the file', false],
          [size, 'memory', true],
        ] as const,
    ),
  )('of %i bytes give any range of them, from %s', async (size, _from, readSoon) => {
    const fresh = freshBodies(ROOM);
    const { bodies } = setUp(systemFiles, fresh);
    const plain = randomBytes(size);
    const body = await sealPieces(bodies, plain, readSoon);
    expect(fresh.read(body, 0, size) !== undefined).toBe(readSoon && size > 0);
    const edges = [0, 1, CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1, 2 * CHUNK_SIZE + 7, size - 1, size];
    const inside = edges.filter((edge) => edge >= 0 && edge <= size);
    for (const start of inside)
      for (const end of inside.filter((one) => one >= start))
        expect((await read(bodies, body, { start, end })).equals(plain.subarray(start, end))).toBe(true);
    for (const range of [
      { start: 0, end: size + 1 },
      { start: -1, end: 0 },
      { start: 1, end: 0 },
    ])
      await expect(read(bodies, body, range)).rejects.toThrow('outside');
  });

  it('are not read where a range does not lie, and are found damaged where it does', async () => {
    const { bodies, folder } = setUp();
    const plain = randomBytes(4 * CHUNK_SIZE);
    const body = await bodies.seal(plain);
    const path = fileOf(folder, body);
    const sealed = readFileSync(path);
    sealed[MAGIC + 2 * SEALED_CHUNK] = (sealed[MAGIC + 2 * SEALED_CHUNK] ?? 0) ^ 1;
    writeFileSync(path, sealed);
    const before = { start: 10, end: 2 * CHUNK_SIZE };
    expect((await read(bodies, body, before)).equals(plain.subarray(10, 2 * CHUNK_SIZE))).toBe(true);
    const into = { start: 10, end: 2 * CHUNK_SIZE + 1 };
    await expect(read(bodies, body, into)).rejects.toThrow('chunk 2');
    writeFileSync(path, sealed.subarray(0, -1));
    await expect(read(bodies, body, before)).rejects.toThrow('wrong length');
  });

  it('show nothing of their content, in files that only the owner may read', async () => {
    const { bodies, folder } = setUp();
    const canary = 'CANARY-MRN-0000000';
    const plain = Buffer.from(canary.repeat(10_000));
    const large = await bodies.seal(plain);
    const small = await bodies.seal(Buffer.from(canary));
    expect(readFileSync(fileOf(folder, large)).includes('CANARY')).toBe(false);
    expect(JSON.stringify(small)).not.toContain('CANARY');
    expect(statSync(fileOf(folder, large)).mode & 0o777).toBe(0o600);
  });

  it('keep no use of the caller’s buffer', async () => {
    const { bodies } = setUp();
    const writer = bodies.create();
    const buffer = Buffer.alloc(10, 1);
    await writer.write(buffer);
    buffer.fill(2);
    await writer.write(buffer);
    const expected = Buffer.concat([Buffer.alloc(10, 1), Buffer.alloc(10, 2)]);
    expect((await read(bodies, await writer.finish())).equals(expected)).toBe(true);
  });

  it('that are given up leave nothing behind, even in the middle of a write', async () => {
    const { bodies, folder } = setUp();
    const writer = bodies.create();
    const writing = writer.write(randomBytes(5 * CHUNK_SIZE));
    await writer.abort();
    await writing;
    expect(readdirSync(folder)).toEqual([]);
    await expect(writer.write(Buffer.of(1))).rejects.toThrow('given up');
    const finished = bodies.create();
    await finished.write(randomBytes(2 * CHUNK_SIZE));
    await finished.finish();
    await finished.abort();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are removed by their name only', async () => {
    const { bodies, folder } = setUp();
    const body = await bodies.seal(randomBytes(2 * CHUNK_SIZE));
    if (body.content.kind !== 'file') throw new Error('unreachable');
    for (const name of ['../relay.db', 'x.body', '']) {
      await expect(bodies.remove(name)).rejects.toThrow('not the name');
    }
    await bodies.remove(body.content.name);
    await bodies.remove(body.content.name);
    expect(readdirSync(folder)).toEqual([]);
    await expect(read(bodies, body)).rejects.toThrow('gone');
  });
});

describe('damage is found', () => {
  const chunk = (file: Buffer, index: number) =>
    file.subarray(MAGIC + index * SEALED_CHUNK, MAGIC + (index + 1) * SEALED_CHUNK);
  const flip = (file: Buffer, at: number) => {
    const copy = Buffer.from(file);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };

  it.each<[string, (file: Buffer, other: Buffer) => Buffer]>([
    ['a bit of the first chunk', (file) => flip(file, MAGIC)],
    ['a bit of the last tag', (file) => flip(file, file.length - 1)],
    ['a bit of the beginning', (file) => flip(file, 0)],
    ['an empty file', () => Buffer.alloc(0)],
    ['the last byte cut off', (file) => file.subarray(0, -1)],
    ['the last chunk cut off', (file) => file.subarray(0, MAGIC + 3 * SEALED_CHUNK)],
    ['a byte added', (file) => Buffer.concat([file, Buffer.of(0)])],
    [
      'two chunks exchanged',
      (file) =>
        Buffer.concat([
          file.subarray(0, MAGIC),
          chunk(file, 1),
          chunk(file, 0),
          chunk(file, 2),
          chunk(file, 3),
        ]),
    ],
    [
      'a chunk repeated in place of the next',
      (file) =>
        Buffer.concat([
          file.subarray(0, MAGIC),
          chunk(file, 0),
          chunk(file, 0),
          chunk(file, 2),
          chunk(file, 3),
        ]),
    ],
    [
      'a chunk of another body',
      (file, other) =>
        Buffer.concat([file.subarray(0, MAGIC), chunk(other, 0), file.subarray(MAGIC + SEALED_CHUNK)]),
    ],
    ['all of another body', (_, other) => other],
  ])('%s', async (_what, damage) => {
    const { bodies, folder } = setUp();
    const body = await bodies.seal(randomBytes(4 * CHUNK_SIZE));
    const other = await bodies.seal(randomBytes(4 * CHUNK_SIZE));
    const path = fileOf(folder, body);
    writeFileSync(path, damage(readFileSync(path), readFileSync(fileOf(folder, other))));
    await expect(read(bodies, body)).rejects.toMatchObject({ name: 'BodyDamaged' });
    expect(await read(bodies, other)).toHaveLength(4 * CHUNK_SIZE);
  });

  it('a body cut to a shorter one, in file and row alike', async () => {
    const { bodies, folder } = setUp();
    const body = await bodies.seal(randomBytes(4 * CHUNK_SIZE));
    const path = fileOf(folder, body);
    writeFileSync(path, readFileSync(path).subarray(0, MAGIC + 3 * SEALED_CHUNK));
    await expect(read(bodies, { ...body, size: 3 * CHUNK_SIZE })).rejects.toMatchObject({
      name: 'BodyDamaged',
    });
  });

  it('rows whose parts were exchanged', async () => {
    const { bodies, otherKey } = setUp();
    const a = await bodies.seal(Buffer.from('made-up text A'));
    const b = await bodies.seal(Buffer.from('made-up text B'));
    const large = await bodies.seal(randomBytes(2 * CHUNK_SIZE));
    const mixed: SealedBody[] = [
      { ...a, content: b.content },
      { ...a, wrappedKey: b.wrappedKey },
      { ...a, size: 1 },
      { ...large, content: a.content },
      { ...large, content: { kind: 'file', name: '../relay.db' } },
      { ...a, wrappedKey: Buffer.alloc(0) },
    ];
    for (const body of mixed) await expect(read(bodies, body)).rejects.toMatchObject({ name: 'BodyDamaged' });
    await expect(read(otherKey, a)).rejects.toMatchObject({ name: 'BodyDamaged' });
    expect((await read(bodies, a)).toString()).toBe('made-up text A');
  });
});

describe('a failing disk', () => {
  type Operation = 'create' | 'write' | 'sync' | 'close' | 'syncFolder';

  /** Fails the `nth` call of one operation. */
  function failing(operation: Operation, nth: number): FileOps {
    let calls = 0;
    const guard = async <T>(name: Operation, work: () => Promise<T>): Promise<T> => {
      if (name === operation && ++calls === nth) {
        throw Object.assign(new Error(`injected ${name}`), { code: 'EIO' });
      }
      return work();
    };
    return {
      ...systemFiles,
      create: (path) =>
        guard('create', async () => {
          const file = await systemFiles.create(path);
          return {
            write: (parts) => guard('write', () => file.write(parts)),
            sync: () => guard('sync', () => file.sync()),
            close: async () => {
              await file.close();
              await guard('close', async () => undefined);
            },
          };
        }),
      syncFolder: (path) => guard('syncFolder', () => systemFiles.syncFolder(path)),
    };
  }

  it.each<{ operation: Operation; nth: number; syncFailure: boolean }>([
    { operation: 'create', nth: 1, syncFailure: false },
    { operation: 'write', nth: 1, syncFailure: false },
    { operation: 'write', nth: 2, syncFailure: false },
    { operation: 'write', nth: 3, syncFailure: false },
    { operation: 'sync', nth: 1, syncFailure: true },
    { operation: 'close', nth: 1, syncFailure: false },
    { operation: 'syncFolder', nth: 1, syncFailure: true },
  ])(
    'at $operation ($nth): the body is refused and nothing is left',
    async ({ operation, nth, syncFailure }) => {
      const fresh = freshBodies(ROOM);
      const { bodies, folder, syncFailures } = setUp(failing(operation, nth), fresh);
      await expect(sealPieces(bodies, randomBytes(11 * CHUNK_SIZE))).rejects.toMatchObject({
        name: 'StoreUnavailable',
      });
      expect(readdirSync(folder)).toEqual([]);
      // A failed sync is the end of the whole store: nothing may be tried again.
      expect(syncFailures).toHaveLength(syncFailure ? 1 : 0);
      expect(fresh.reserve(ROOM.mostGathered, false)).toBe(true);
    },
  );

  it('refuses also a body whose own folder sync comes after one that failed', async () => {
    const { bodies, folder, syncFailures } = setUp(failing('syncFolder', 1));
    const both = [bodies.seal(randomBytes(2 * CHUNK_SIZE)), bodies.seal(randomBytes(2 * CHUNK_SIZE))];
    const outcomes = await Promise.allSettled(both);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(bodies.seal(randomBytes(2 * CHUNK_SIZE))).rejects.toThrow('injected syncFolder');
    expect(readdirSync(folder)).toEqual([]);
    expect(syncFailures).toHaveLength(3);
  });

  it('says so when even the half file cannot be removed', async () => {
    const files: FileOps = {
      ...failing('sync', 1),
      unlink: () => Promise.reject(new Error('injected unlink')),
    };
    const { bodies } = setUp(files);
    await expect(bodies.seal(randomBytes(3 * CHUNK_SIZE))).rejects.toThrow(
      /injected sync.*left behind.*unlink/,
    );
  });
});

describe('the sweep at start', () => {
  it('removes older files that no row names, and nothing else', async () => {
    const { folder } = setUp();
    const name = (digit: string) => `${digit.repeat(32)}.body`;
    const files = [name('a'), name('b'), `${name('c')}.part`, name('d'), 'README'];
    for (const file of files) {
      writeFileSync(join(folder, file), 'x');
      utimesSync(join(folder, file), 1000, 1000);
    }
    utimesSync(join(folder, name('d')), 3000, 3000);
    expect(await sweepOrphans(systemFiles, folder, new Set([name('a')]), 2_000_000)).toBe(2);
    expect(readdirSync(folder).sort()).toEqual([name('a'), name('d'), 'README'].sort());
  });
});
