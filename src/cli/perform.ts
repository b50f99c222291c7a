import { type LoadedConfig, loadConfig } from '../config/load.js';
import type { ActName } from '../ops/acts/index.js';
import { askRelay } from '../ops/control-socket.js';
import { CodeNeeded, type Credentials } from '../ops/operators/credentials.js';
import type { Json } from '../shared/canonical-json.js';
import { configFile } from './config-option.js';
import { operatorCredentials, terminal } from './operator-credentials.js';

/**
 * Performs a command that changes something, in the name of the operator whom the environment names: by the running
 * relay, so that one process writes, or with the store opened here under its lock when no relay runs.
 * @throws UserError when it can't be done
 */
export async function perform(
  options: { readonly config: string },
  name: ActName,
  input: Json,
): Promise<Json> {
  const loaded = await loadConfig(configFile(options));
  const credentials = await operatorCredentials();
  try {
    return await performAs(loaded, name, input, credentials);
  } catch (error) {
    const ask = terminal();
    if (!(error instanceof CodeNeeded) || credentials === undefined || ask === undefined) throw error;
    const code = await ask('Code of your authenticator app: ');
    return performAs(loaded, name, input, { ...credentials, code });
  }
}

async function performAs(
  loaded: LoadedConfig,
  name: ActName,
  input: Json,
  credentials: Credentials | undefined,
): Promise<Json> {
  const answered = await askRelay(loaded.dataDir, name, input, credentials);
  if (answered !== undefined) return answered;
  // Only now: with a relay running, a command needs nothing of the store.
  const { performHere } = await import('./perform-here.js');
  return performHere(loaded, name, input, credentials);
}
