import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { SealedBody } from '../../../src/model/message.js';
import { CHUNK_SIZE } from '../../../src/store/body-seal.js';
import { createBodyStore, sweepOrphans } from '../../../src/store/body-store.js';
import { type FileOps, systemFiles } from '../../../src/store/file-ops.js';
import { spareFiles } from '../../../src/store/spare-files.js';
import { temporaryFolder } from './fixtures.js';

/** So many files within ten seconds are many. */
const MANY = 32;
const KEPT_MS = 120_000;

afterEach(() => {
  vi.useRealTimers();
});

/** A store through which so many bodies went that files are worth keeping; its clock stands still. */
async function busyStore(change: Partial<FileOps> = {}) {
  const folder = join(temporaryFolder(), 'bodies');
  mkdirSync(folder);
  const files: FileOps = { ...systemFiles, free: async () => 1e12, ...change };
  const clock = { now: 0 };
  const spares = spareFiles(files, () => clock.now);
  const syncFailures: Error[] = [];
  const bodies = createBodyStore({
    folder,
    wrappingKey: randomBytes(32),
    files,
    spares,
    onSyncFailure: (error) => syncFailures.push(error),
  });
  const store = async (size = 2 * CHUNK_SIZE) => {
    const plain = randomBytes(size);
    const body = await bodies.seal(plain);
    return { plain, body, name: nameOf(body), path: join(folder, nameOf(body)) };
  };
  const first = await Promise.all(Array.from({ length: MANY }, () => store()));
  const read = async (body: SealedBody) => {
    const chunks: Buffer[] = [];
    for await (const chunk of bodies.open(body)) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  const [one, ...rest] = first;
  for (const { name } of rest) rmSync(join(folder, name));
  if (one === undefined) throw new Error('nothing was stored');
  return { folder, clock, spares, syncFailures, bodies, store, read, one };
}

function nameOf({ content }: SealedBody): string {
  if (content.kind !== 'file') throw new Error('not in a file');
  return content.name;
}

const spareIn = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.spare'));
const inode = (path: string) => statSync(path).ino;

describe('files of bodies that are no longer needed', () => {
  it.each([
    ['smaller', CHUNK_SIZE + 1],
    ['as large', 2 * CHUNK_SIZE],
    ['larger', 9 * CHUNK_SIZE + 5],
  ])('become those of bodies that come, %s, which read as they were written', async (_size, size) => {
    const { folder, bodies, store, read, one } = await busyStore();
    const was = inode(one.path);
    await bodies.remove(one.name);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^[0-9a-f]{32}\.spare$/)]);
    const next = await store(size);
    expect(inode(next.path)).toBe(was);
    expect(readdirSync(folder)).toEqual([next.name]);
    expect((await read(next.body)).equals(next.plain)).toBe(true);
    // Nothing of the old one is behind it, and its name leads nowhere.
    expect(statSync(next.path).size).toBe(8 + size + 16 * Math.ceil(size / CHUNK_SIZE));
    await expect(read(one.body)).rejects.toThrow('the file of the content is gone');
  });

  it('never become those of two, and each reads as it was written, in whatever order bodies come and go', async () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ store: fc.integer({ min: CHUNK_SIZE + 1, max: 6 * CHUNK_SIZE }) }),
        fc.record({ remove: fc.nat() }),
      ),
      { maxLength: 24 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { folder, bodies, store, read } = await busyStore();
        const there: Awaited<ReturnType<typeof store>>[] = [];
        for (const step of all) {
          if ('store' in step) there.push(await store(step.store));
          else for (const { name } of there.splice(step.remove % 8, 1)) await bodies.remove(name);
        }
        for (const { body, plain } of there) expect((await read(body)).equals(plain)).toBe(true);
        expect(new Set(there.map(({ path }) => inode(path))).size).toBe(there.length);
        rmSync(folder, { recursive: true });
      }),
      { numRuns: 15 },
    );
  });

  it('are not taken from whoever has one by a removal that is told twice', async () => {
    const { bodies, store, read, one } = await busyStore();
    await Promise.all([bodies.remove(one.name), bodies.remove(one.name)]);
    const next = await store();
    await bodies.remove(one.name);
    const other = await store();
    expect(inode(other.path)).not.toBe(inode(next.path));
    expect((await read(next.body)).equals(next.plain)).toBe(true);
  });

  it('are removed where somebody still reads, who gets the whole', async () => {
    const { folder, bodies, store, one } = await busyStore();
    const large = await store(9 * CHUNK_SIZE);
    const pieces: Buffer[] = [];
    for await (const piece of bodies.open(large.body)) {
      if (pieces.length === 0) {
        await bodies.remove(large.name);
        await store(9 * CHUNK_SIZE);
      }
      pieces.push(piece);
    }
    expect(Buffer.concat(pieces).equals(large.plain)).toBe(true);
    expect(spareIn(folder)).toEqual([]);
    // Who has read is in nobody's way.
    await bodies.remove(one.name);
    expect(spareIn(folder)).toHaveLength(1);
  });

  it('are removed where a reader came in the very moment', async () => {
    const opened: { pieces?: AsyncIterator<Buffer> } = {};
    const store = await busyStore({
      async rename(from, to) {
        if (from === store.one.path) {
          opened.pieces = store.bodies.open(store.one.body)[Symbol.asyncIterator]();
          await opened.pieces.next();
        }
        await systemFiles.rename(from, to);
      },
    });
    await store.bodies.remove(store.one.name);
    expect(readdirSync(store.folder)).toEqual([]);
    await opened.pieces?.return?.();
  });

  it.each<[string, (path: string) => void, number, number]>([
    ['is in a copy of the folder, too', (path) => linkSync(path, `${path}.copy`), 2 * CHUNK_SIZE, 1e12],
    ['is large', () => undefined, 17 * CHUNK_SIZE, 1e12],
    ['is more than a small part of what is free', () => undefined, 2 * CHUNK_SIZE, 20 * CHUNK_SIZE],
  ])('are removed at once where one %s', async (_why, prepare, size, free) => {
    const { bodies, store, spares, folder } = await busyStore({ free: async () => free });
    const body = await store(size);
    prepare(body.path);
    await bodies.remove(body.name);
    expect(readdirSync(folder)).not.toContain(body.name);
    expect(spareIn(folder)).toEqual([]);
    await spares.clear();
  });

  it('are removed at once where few come', async () => {
    const { folder, clock, bodies, one } = await busyStore();
    clock.now += 60_000;
    await bodies.remove(one.name);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are removed when nobody needed them for two minutes, whatever else comes and goes', async () => {
    const { folder, clock, bodies, store, one } = await busyStore();
    const other = await store();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const pass = (ms: number) => {
      clock.now += ms;
      vi.advanceTimersByTime(ms);
    };
    await bodies.remove(one.name);
    const [first] = spareIn(folder);
    pass(5_000);
    await bodies.remove(other.name);
    pass(KEPT_MS - 5_001);
    expect(spareIn(folder)).toHaveLength(2);
    pass(1);
    await vi.waitFor(() => expect(spareIn(folder)).toHaveLength(1));
    expect(spareIn(folder)).not.toContain(first);
    pass(5_000);
    await vi.waitFor(() => expect(readdirSync(folder)).toEqual([]));
  });

  it('are made anew where somebody removed them', async () => {
    const { folder, bodies, store, read, one } = await busyStore();
    await bodies.remove(one.name);
    for (const name of spareIn(folder)) rmSync(join(folder, name));
    const next = await store();
    expect((await read(next.body)).equals(next.plain)).toBe(true);
  });

  it('are left by nobody whose disk fails while they are written', async () => {
    const failing: Partial<FileOps> = {
      async rewrite(path, size) {
        const file = await systemFiles.rewrite(path, size);
        return { ...file, sync: () => Promise.reject(new Error('injected sync')) };
      },
    };
    const { folder, bodies, store, syncFailures, one } = await busyStore(failing);
    await bodies.remove(one.name);
    await expect(store()).rejects.toMatchObject({ name: 'StoreUnavailable' });
    expect(syncFailures).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('hold nothing that opens, and are swept away at the next start', async () => {
    const { folder, bodies, one } = await busyStore();
    await bodies.remove(one.name);
    const [spare = ''] = spareIn(folder);
    expect(readFileSync(join(folder, spare)).includes(one.plain.subarray(0, 64))).toBe(false);
    expect(await sweepOrphans(systemFiles, folder, new Set(), Date.now() + 60_000)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
