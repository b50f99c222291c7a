import { randomBytes } from 'node:crypto';
import { chown, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { makePrivateFolder } from '../store/data-dir.js';
import { rosterFolder } from './load.js';
import { DRAFT_NAME } from './roster-file.js';

/** A draft that is older was left behind by a command that died. */
const LEFT_BEHIND_MS = 24 * 60 * 60 * 1000;

/**
 * A place for a new roster's file, beside the others, so that it can be moved there in one step.
 * @throws UserError when the folder can't be made
 */
export async function newDraft(dataDir: string, now: number): Promise<{ file: string; path: string }> {
  const folder = rosterFolder(dataDir);
  makePrivateFolder(folder);
  await likeFolder(folder, dataDir);
  for (const name of await readdir(folder)) {
    if (!DRAFT_NAME.test(name)) continue;
    const path = join(folder, name);
    if (now - (await stat(path)).mtimeMs > LEFT_BEHIND_MS) await unlink(path);
  }
  const file = `.${randomBytes(8).toString('hex')}.draft`;
  return { file, path: join(folder, file) };
}

/** What root writes belongs to the relay's user, who has to read it. */
export async function likeFolder(path: string, folder: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  await chown(path, uid, gid);
}

/** Deletes a draft, if it is still there. */
export async function dropDraft(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errorCode(error) !== 'ENOENT') throw error;
  });
}
