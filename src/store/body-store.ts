import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { BODY_FILE_NAME, openBody } from './body-reader.js';
import { type BodyWriterContext, createBodyWriter } from './body-writer.js';
import type { FileOps } from './file-ops.js';
import { type FreshBodies, NOTHING_FRESH } from './fresh-bodies.js';
import type { BodyStore } from './ports.js';
import { sharedSync } from './shared-sync.js';

/** Suffix that unfinished files once had. */
const DRAFT_SUFFIX = '.part';

export interface BodyStoreContext
  extends Pick<BodyWriterContext, 'folder' | 'wrappingKey' | 'onSyncFailure'> {
  readonly files: FileOps;
  /** Left out: nothing stays in memory. */
  readonly fresh?: FreshBodies;
}

/** The sealed bodies of one data directory. The folder must exist. */
export function createBodyStore(context: BodyStoreContext): BodyStore {
  const { folder, files, fresh = NOTHING_FRESH, onSyncFailure } = context;
  const syncFolder = sharedSync(() => files.syncFolder(folder));
  const create = (mostOfOne: number) =>
    createBodyWriter({
      folder,
      get wrappingKey() {
        return context.wrappingKey;
      },
      files,
      syncFolder,
      fresh: { ...fresh, mostOfOne },
      onSyncFailure,
    });
  return {
    create: (use) => create(use?.readSoon === true ? fresh.mostOfOne : 0),
    open: (body, range) => openBody(body, folder, context.wrappingKey, fresh, range),
    async seal(bytes) {
      const writer = create(0);
      await writer.write(bytes);
      return writer.finish();
    },
    async remove(fileName) {
      if (!BODY_FILE_NAME.test(fileName)) throw new Error('not the name of a sealed body');
      fresh.forgetFile(fileName);
      await removeIfThere(files, join(folder, fileName));
    },
  };
}

/**
 * Removes the files that no row names: bodies whose message was never queued, and those of destroyed content.
 * Files of other names are left alone.
 * @param before epoch milliseconds by the file system's clock; younger files are left alone
 * @returns how many were removed
 */
export async function sweepOrphans(
  files: FileOps,
  folder: string,
  named: ReadonlySet<string>,
  before: number,
): Promise<number> {
  let removed = 0;
  for (const { name, changedAt } of await files.list(folder)) {
    const body = name.endsWith(DRAFT_SUFFIX) ? name.slice(0, -DRAFT_SUFFIX.length) : name;
    if (!BODY_FILE_NAME.test(body) || named.has(name) || changedAt >= before) continue;
    await removeIfThere(files, join(folder, name));
    removed++;
  }
  return removed;
}

async function removeIfThere(files: FileOps, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
