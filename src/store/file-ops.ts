import { open, readdir, rename, stat, unlink } from 'node:fs/promises';

/** A file being written. */
export interface OpenFile {
  write(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What the body store asks of the file system; tests make each of them fail. */
export interface FileOps {
  /** Opens a new file, mode 0600; fails when it exists. */
  create(path: string): Promise<OpenFile>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(path: string): Promise<void>;
  /** Names in a folder, with the time of their last change in epoch milliseconds. */
  list(path: string): Promise<readonly { readonly name: string; readonly changedAt: number }[]>;
}

export const systemFiles: FileOps = {
  async create(path) {
    const handle = await open(path, 'wx', 0o600);
    return {
      write: (bytes) => handle.writeFile(bytes),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  rename,
  unlink,
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
