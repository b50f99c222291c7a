import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { BODY_FILE_NAME, openBody } from './body-reader.js';
import { type BodyWriterContext, createBodyWriter } from './body-writer.js';
import type { FileOps } from './file-ops.js';
import { type FreshBodies, NOTHING_FRESH } from './fresh-bodies.js';
import type { BodyStore } from './ports.js';
import { sharedSync } from './shared-sync.js';
import { noSpareFiles, SPARE_SUFFIX, type SpareFiles } from './spare-files.js';

/** Suffix that unfinished files once had. */
const DRAFT_SUFFIX = '.part';

export interface BodyStoreContext
  extends Pick<BodyWriterContext, 'folder' | 'wrappingKey' | 'onSyncFailure'> {
  readonly files: FileOps;
  /** Left out: no file is written anew. */
  readonly spares?: SpareFiles;
  /** Left out: nothing stays in memory. */
  readonly fresh?: FreshBodies;
}

/** The sealed bodies of one data directory. The folder must exist. */
export function createBodyStore(context: BodyStoreContext): BodyStore {
  const { folder, files, spares = noSpareFiles(files), fresh = NOTHING_FRESH, onSyncFailure } = context;
  const syncFolder = sharedSync(() => files.syncFolder(folder));
  const create = (mostOfOne: number) =>
    createBodyWriter({
      folder,
      get wrappingKey() {
        return context.wrappingKey;
      },
      files: { create: spares.create, unlink: files.unlink },
      syncFolder,
      fresh: { ...fresh, mostOfOne },
      onSyncFailure,
    });
  return {
    create: (use) => create(use?.readSoon === true ? fresh.mostOfOne : 0),
    open: (body, range) => openBody(body, { folder, wrappingKey: context.wrappingKey, fresh, spares }, range),
    async seal(bytes) {
      const writer = create(0);
      await writer.write(bytes);
      return writer.finish();
    },
    async remove(fileName) {
      if (!BODY_FILE_NAME.test(fileName)) throw new Error('not the name of a sealed body');
      fresh.forgetFile(fileName);
      await ifThere(() => spares.remove(join(folder, fileName)));
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
    if (!isOurs(name) || named.has(name) || changedAt >= before) continue;
    await ifThere(() => files.unlink(join(folder, name)));
    removed++;
  }
  return removed;
}

/** A body's, an unfinished one's, or one that waits to be written anew. */
function isOurs(name: string): boolean {
  if (name.endsWith(SPARE_SUFFIX)) return BODY_FILE_NAME.test(`${name.slice(0, -SPARE_SUFFIX.length)}.body`);
  return BODY_FILE_NAME.test(name.endsWith(DRAFT_SUFFIX) ? name.slice(0, -DRAFT_SUFFIX.length) : name);
}

/** What is gone already needn't be removed. */
async function ifThere(remove: () => Promise<void>): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
