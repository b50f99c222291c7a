import type { LoadedConfig } from '../config/load.js';
import { type DkimKeyState, dkimInventory } from '../keys/dkim/index.js';
import { databaseExists } from '../store/data-dir.js';
import { openReadOnly } from '../store/read-only.js';

/**
 * The DKIM keys of the configuration and those that are kept, read beside a running relay.
 * @throws UserError when the database can't be read
 */
export async function dkimKeys(loaded: LoadedConfig): Promise<readonly DkimKeyState[]> {
  const { dataDir } = loaded;
  return dkimInventory(
    loaded,
    databaseExists(dataDir) ? openReadOnly(dataDir, (store) => store.ownKeys()) : [],
  );
}
