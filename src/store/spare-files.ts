import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import type { FileOps, OpenFile } from './file-ops.js';

/** Suffix of files that no row names, which wait to be written anew. */
export const SPARE_SUFFIX = '.spare';

/** Files made within `WINDOW_MS` from which on it pays to keep some. */
const MANY = 32;
const WINDOW_MS = 10_000;
/** What nobody needed for so long is removed. */
const KEPT_MS = 120_000;
/** Files that are kept at most, bytes of one, and of all. */
const MOST_FILES = 4096;
const MOST_OF_ONE = 1024 * 1024;
const MOST_BYTES = 256 * 1024 * 1024;
/** Together they take no more than one part in so many of what is free. */
const PART_OF_FREE = 16;
/** How long what is free is taken for true. */
const FREE_FOR_MS = 1000;

/**
 * Files of bodies that are no longer needed, for those that come next: to make and to remove a file, with its inode, its blocks and
 * their way through the file system's log, costs more than to write what is in most of them. The relay removes bodies by the
 * thousand while as many come.
 *
 * What is in such a file is sealed with a key that is destroyed already. Each body has a name that no other ever had, also where
 * its file is an old one: who still knows the old name finds nothing there.
 */
export interface SpareFiles {
  /** As `FileOps.create`. */
  create(path: string): Promise<OpenFile>;
  /** Removes a file, or keeps it for another body. */
  remove(path: string): Promise<void>;
  /** To be called before a file is opened to be read; what is given says that it is closed. No file that is read is written anew. */
  reading(path: string): () => void;
  /** Removes what is kept. */
  clear(): Promise<void>;
}

interface Spare {
  readonly path: string;
  readonly size: number;
  readonly until: number;
}

/** Where every file is made and removed. */
export function noSpareFiles(files: Pick<FileOps, 'create' | 'unlink'>): SpareFiles {
  return {
    create: (path) => files.create(path),
    remove: (path) => files.unlink(path),
    reading: () => () => undefined,
    clear: async () => undefined,
  };
}

/** @param now a clock in milliseconds that is never set */
export function spareFiles(files: FileOps, now: () => number = () => performance.now()): SpareFiles {
  const readers = new Map<string, number>();
  /** The oldest first; the newest are taken first. */
  let kept: Spare[] = [];
  /** Of those, and of those that become one in this moment. */
  let bytes = 0;
  let renaming = 0;
  /** Files made in this window, and in the one before. */
  let windowBegan = now();
  let made = 0;
  let madeBefore = 0;
  let free: { readonly bytes: number; readonly until: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const turnWindow = (): void => {
    const passed = now() - windowBegan;
    if (passed < WINDOW_MS) return;
    madeBefore = passed < 2 * WINDOW_MS ? made : 0;
    made = 0;
    windowBegan = now();
  };

  const removeAll = async (gone: readonly Spare[]): Promise<void> => {
    for (const { size } of gone) bytes -= size;
    await Promise.all(gone.map(({ path }) => files.unlink(path)));
  };

  const watch = (): void => {
    const [oldest] = kept;
    if (oldest === undefined || timer !== undefined) return;
    timer = setTimeout(removeOld, Math.max(1, oldest.until - now()));
    timer.unref();
  };

  const removeOld = (): void => {
    timer = undefined;
    const old = kept.filter(({ until }) => until <= now());
    kept = kept.slice(old.length);
    // One that can't be removed is of no use, and the next start removes it.
    removeAll(old).catch(() => undefined);
    watch();
  };

  const mostBytes = async (folder: string): Promise<number> => {
    if (free === undefined || free.until < now())
      free = { bytes: await files.free(folder), until: now() + FREE_FOR_MS };
    return Math.min(MOST_BYTES, free.bytes / PART_OF_FREE);
  };

  /** Gives false where the file is to be removed instead. */
  const keep = async (path: string): Promise<boolean> => {
    const folder = dirname(path);
    const { size, links } = await files.facts(path);
    const most = await mostBytes(folder);
    // Somebody's copy of the folder may share the file.
    if (links !== 1 || size > MOST_OF_ONE || bytes + size > most || renaming + kept.length >= MOST_FILES)
      return false;
    const spare = join(folder, `${randomBytes(16).toString('hex')}${SPARE_SUFFIX}`);
    bytes += size;
    renaming++;
    try {
      await files.rename(path, spare);
    } catch (error) {
      bytes -= size;
      throw error;
    } finally {
      renaming--;
    }
    // From now on nobody finds it; who opened it before is known.
    if (readers.has(path)) {
      bytes -= size;
      await files.unlink(spare);
    } else {
      kept.push({ path: spare, size, until: now() + KEPT_MS });
      watch();
    }
    return true;
  };

  return {
    async create(path) {
      turnWindow();
      made++;
      const spare = kept.pop();
      if (spare === undefined) return files.create(path);
      bytes -= spare.size;
      try {
        await files.rename(spare.path, path);
      } catch {
        // Somebody removed it: there is no file of that name then, and it is made.
        return files.create(path);
      }
      return files.rewrite(path, spare.size);
    },
    async remove(path) {
      turnWindow();
      const pays = made + madeBefore >= MANY && !readers.has(path);
      if (pays && (await keep(path))) return;
      await files.unlink(path);
    },
    reading(path) {
      readers.set(path, (readers.get(path) ?? 0) + 1);
      return () => {
        const left = (readers.get(path) ?? 0) - 1;
        if (left > 0) readers.set(path, left);
        else readers.delete(path);
      };
    },
    async clear() {
      const gone = kept;
      kept = [];
      await removeAll(gone);
    },
  };
}
