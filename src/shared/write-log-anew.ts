import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { errorCode } from './errors.js';

/** Bytes that are written at once. */
const PIECE = 4 * 1024 * 1024;

/**
 * Gets onto the disk what is left in the log of a database in WAL mode. Where a sync of it failed, the system takes pages for
 * written that are not: everybody reads them until the power goes, and no later sync writes them. Whatever is committed behind
 * them would be lost with them. Emptying the log does as much, but not while somebody reads the database.
 *
 * To be called before the database is opened, by the only one who writes. The bytes stay the same, so nobody who reads notices.
 */
export function writeLogAnew(database: string): void {
  const fd = openIfThere(`${database}-wal`);
  if (fd === undefined) return;
  try {
    const bytes = Buffer.allocUnsafe(PIECE);
    for (let at = 0, length = 0; ; at += length) {
      length = readSync(fd, bytes, 0, PIECE, at);
      if (length === 0) break;
      for (let done = 0; done < length; ) done += writeSync(fd, bytes, done, length - done, at + done);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r+');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
