import { type FileHandle, lstat, open, readdir, rename, stat, statfs, unlink } from 'node:fs/promises';

/** A file being written. */
export interface OpenFile {
  /** Writes all of these, one behind the other. */
  write(parts: readonly Uint8Array[]): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What the body store asks of the file system; tests make each of them fail. */
export interface FileOps {
  /** Opens a new file, mode 0600; fails when it exists. */
  create(path: string): Promise<OpenFile>;
  /**
   * Opens a file that is there, to be written from its beginning. What it held beyond that is cut off when it is synced.
   * @param size its bytes
   */
  rewrite(path: string, size: number): Promise<OpenFile>;
  unlink(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Its bytes, and the names that it has. */
  facts(path: string): Promise<{ readonly size: number; readonly links: number }>;
  /** Bytes that may be written to the file system of a folder. */
  free(folder: string): Promise<number>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Names in a folder, with the time of their last change in epoch milliseconds. */
  list(path: string): Promise<readonly { readonly name: string; readonly changedAt: number }[]>;
}

export const systemFiles: FileOps = {
  async create(path) {
    const handle = await open(path, 'wx', 0o600);
    return {
      write: (parts) => writeAll(handle, parts),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  async rewrite(path, size) {
    const handle = await open(path, 'r+');
    let written = 0;
    return {
      async write(parts) {
        for (const { length } of parts) written += length;
        await writeAll(handle, parts);
      },
      async sync() {
        if (written < size) await handle.truncate(written);
        await handle.sync();
      },
      close: () => handle.close(),
    };
  },
  unlink,
  rename,
  async facts(path) {
    const { size, nlink } = await lstat(path);
    return { size, links: nlink };
  },
  async free(folder) {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  },
  async syncFolder(path) {
    const handle = await open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  },
  async list(path) {
    const names = await readdir(path);
    return Promise.all(
      names.map(async (name) => ({ name, changedAt: (await stat(`${path}/${name}`)).mtimeMs })),
    );
  },
};

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[]): Promise<void> {
  let left = parts.filter((part) => part.length > 0);
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left);
    if (bytesWritten === 0) throw new Error('nothing more can be written to the file');
    left = without(left, bytesWritten);
  }
}

/** What is left of the parts without their first bytes. */
function without(parts: readonly Uint8Array[], bytes: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let gone = bytes;
  for (const part of parts) {
    if (gone < part.length) left.push(gone === 0 ? part : part.subarray(gone));
    gone = Math.max(0, gone - part.length);
  }
  return left;
}
