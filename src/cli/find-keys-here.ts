import type { LoadedConfig } from '../config/load.js';
import { type KeyFinder, openKeyFinder } from '../keys/index.js';
import { createLog } from '../ops/log.js';
import { systemClock } from '../shared/clock.js';
import { databaseExists } from '../store/data-dir.js';
import type { KeyStore } from '../store/ports.js';
import { openReadOnly } from '../store/read-only.js';

/**
 * Finds keys for a command that changes nothing: in the store as it is, and in the directories; nothing is recorded, so a
 * key seen for the first time is reported as it would be used.
 */
export function keyFinderHere(loaded: LoadedConfig): Promise<KeyFinder> {
  const { config, dataDir } = loaded;
  return openKeyFinder({
    loaded,
    store: readOnly(dataDir),
    clock: systemClock,
    log: createLog({ ...config.logging, level: 'error' }),
    record: false,
  });
}

function readOnly(dataDir: string): KeyStore {
  const refuse = async () => {
    throw new Error('a command that changes nothing tried to write a key');
  };
  const read: Pick<KeyStore, 'keysFor' | 'list' | 'ownKeys' | 'ownKeysFor'> = {
    // A relay that was never started knows no keys.
    keysFor: async (address) =>
      databaseExists(dataDir) ? openReadOnly(dataDir, (store) => store.keysFor(address)) : [],
    list: async (filter) =>
      databaseExists(dataDir) ? openReadOnly(dataDir, (store) => store.keys(filter)) : [],
    ownKeys: async () => [],
    ownKeysFor: async () => [],
  };
  return {
    ...read,
    put: refuse,
    activate: refuse,
    reject: refuse,
    remove: refuse,
    confirm: refuse,
    putOwn: refuse,
    removeOwn: refuse,
  };
}
