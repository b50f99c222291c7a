import { join } from 'node:path';
import type { WrappingKeys } from './body-seal.js';
import { createBodyStore } from './body-store.js';
import { type FileOps, systemFiles } from './file-ops.js';
import { type MasterKey, sealingKeys } from './master-key.js';
import type { BodyStore } from './ports.js';

/** What another thread needs to open bodies and to write copies; plain data. */
export interface CopyAccess {
  readonly folder: string;
  readonly wrappingKey: WrappingKeys;
}

export function copyAccess(dataDir: string, masterKey: MasterKey): CopyAccess {
  return { folder: join(dataDir, 'bodies'), wrappingKey: sealingKeys(masterKey, 'body-wrap') };
}

/**
 * Bodies for threads that make copies for one attempt. What they write is sealed like everything else but not synced:
 * a copy that a crash takes is made again, and one that it leaves behind is swept away at the next start.
 */
export function openCopies(access: CopyAccess): Pick<BodyStore, 'create' | 'open'> {
  return createBodyStore({ ...access, files: unsynced, onSyncFailure: () => undefined });
}

const unsynced: FileOps = {
  ...systemFiles,
  async create(path) {
    return { ...(await systemFiles.create(path)), sync: async () => undefined };
  },
  syncFolder: async () => undefined,
};
