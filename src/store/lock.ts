import { join } from 'node:path';
import Database from 'better-sqlite3';
import { errorText, UserError } from '../shared/errors.js';
import { openSqlite } from '../shared/open-sqlite.js';
import { makePrivateFile } from './data-dir.js';

/** A held lock of the data directory. */
export interface DataDirLock {
  release(): void;
}

/**
 * Takes the data directory's lock: only one process writes there. It is an exclusive transaction on `lock.db`, which
 * the operating system frees when the process dies, however it dies.
 * @throws UserError naming the folder when another process holds it
 */
export function lockDataDir(dataDir: string): DataDirLock {
  const file = join(dataDir, 'lock.db');
  makePrivateFile(file);
  let db: Database.Database | undefined;
  try {
    db = openSqlite(file, { timeout: 0 });
    db.pragma('locking_mode = EXCLUSIVE');
    db.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    db?.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
      throw new UserError(
        `${dataDir} is in use by another sallyport process: stop that one first, or give this one a data_dir of its own`,
        { cause },
      );
    }
    throw new UserError(`cannot lock ${dataDir}: ${errorText(cause)}`, { cause });
  }
  const held = db;
  return { release: () => held.close() };
}
