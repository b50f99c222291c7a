import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errorCode, errorText, UserError } from '../shared/errors.js';
import { isDenied, notOurUser } from './not-our-user.js';

export const RELAY_DB = 'relay.db';
/** Folders in the data directory in which copies lie until a backup has sealed them. */
export const BACKUP_WORK = /^\.backup-[0-9a-f]{16}$/;

/**
 * Whether the data directory already holds a database, so that its keys must already exist too.
 * @throws UserError when this user may not look: "there is none" would be a guess
 */
export function databaseExists(
  dataDir: string,
  stat: (path: string) => { readonly size: number } = statSync,
): boolean {
  try {
    return stat(join(dataDir, RELAY_DB)).size > 0;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    if (isDenied(error)) throw notOurUser(dataDir, error);
    throw error;
  }
}

/**
 * Makes a folder that only its owner may read, durably. One that exists is left as it is.
 * @throws UserError when it can't be made
 */
export function makePrivateFolder(path: string): void {
  if (existsSync(path)) return;
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    syncFolder(dirname(path));
  } catch (cause) {
    throw new UserError(`cannot make the folder ${path}: ${errorText(cause)}`, { cause });
  }
}

/**
 * Refuses a folder that this process can't write in: SQLite opens what is read-only all the same, and its later words
 * name no place.
 * @throws UserError that names the folder, and the user who may where this one may not
 */
export function refuseReadOnly(
  path: string,
  access: (path: string, mode: number) => void = accessSync,
): void {
  try {
    access(path, constants.W_OK);
  } catch (cause) {
    if (isDenied(cause)) throw notOurUser(path, cause, 'write in');
    const why = errorCode(cause) === 'EROFS' ? 'its file system is mounted read-only' : errorText(cause);
    throw new UserError(`cannot write in ${path}: ${why}`, { cause });
  }
}

/** Makes an empty file with mode 0600 where there is none: SQLite itself would make it readable for others. */
export function makePrivateFile(path: string): void {
  if (existsSync(path)) return;
  try {
    closeSync(openSync(path, 'a', 0o600));
    syncFolder(dirname(path));
  } catch (cause) {
    throw new UserError(`cannot make the file ${path}: ${errorText(cause)}`, { cause });
  }
}

/** Makes names in a folder durable. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Whether others than the owner may do anything with a file or folder. */
export function openToOthers(path: string): boolean {
  return (statSync(path).mode & 0o077) !== 0;
}
