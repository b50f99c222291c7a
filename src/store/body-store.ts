import { join } from 'node:path';
import { errorCode } from '../shared/errors.js';
import { BODY_FILE_NAME, openBody } from './body-reader.js';
import { type BodyWriterContext, createBodyWriter, DRAFT_SUFFIX } from './body-writer.js';
import type { FileOps } from './file-ops.js';
import type { BodyStore } from './ports.js';

/** The sealed bodies of one data directory. The folder must exist. */
export function createBodyStore(context: BodyWriterContext): BodyStore {
  return {
    create: () => createBodyWriter(context),
    open: (body, range) => openBody(body, context.folder, context.wrappingKey, range),
    async seal(bytes) {
      const writer = createBodyWriter(context);
      await writer.write(bytes);
      return writer.finish();
    },
    async remove(fileName) {
      if (!BODY_FILE_NAME.test(fileName)) throw new Error('not the name of a sealed body');
      await removeIfThere(context.files, join(context.folder, fileName));
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
