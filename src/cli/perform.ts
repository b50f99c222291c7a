import { loadConfig } from '../config/load.js';
import type { ActName } from '../ops/acts/index.js';
import { askRelay } from '../ops/control-socket.js';
import type { Json } from '../shared/canonical-json.js';
import { configFile } from './config-option.js';

/**
 * Performs a command that changes something: by the running relay, so that one process writes, or with the store
 * opened here under its lock when no relay runs.
 * @throws UserError when it can't be done
 */
export async function perform(
  options: { readonly config: string },
  name: ActName,
  input: Json,
): Promise<Json> {
  const loaded = await loadConfig(configFile(options));
  const answered = await askRelay(loaded.dataDir, name, input);
  if (answered !== undefined) return answered;
  // Only now: with a relay running, a command needs nothing of the store.
  const { performHere } = await import('./perform-here.js');
  return performHere(loaded, name, input);
}
