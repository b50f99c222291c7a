import { loadConfig } from '../config/load.js';
import { methodsAfterRelease } from '../decide/index.js';
import { bounceChange, tlsAvailability } from '../deliver/index.js';
import { type ActName, performAct } from '../ops/acts/index.js';
import { askRelay } from '../ops/control-socket.js';
import { createLog } from '../ops/log.js';
import { checkpointSink } from '../ops/system-log.js';
import { revoke } from '../portal/index.js';
import { methodAvailability } from '../protect/index.js';
import type { Json } from '../shared/canonical-json.js';
import { systemClock } from '../shared/clock.js';
import { loadMasterKey, openStore } from '../store/index.js';
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
  const { config, dataDir } = loaded;
  const answered = await askRelay(dataDir, name, input);
  if (answered !== undefined) return answered;
  const log = createLog({ ...config.logging, level: 'error' });
  const store = await openStore({
    dataDir,
    masterKey: loadMasterKey(config.master_key, dataDir, { createIfMissing: false }),
    clock: systemClock,
    log,
    audit: {
      checkpointEveryEvents: config.audit.checkpoint_every_events,
      checkpointEveryMs: config.audit.checkpoint_every,
      onCheckpoint: checkpointSink(log, config.audit.syslog),
    },
  });
  try {
    return await performAct(
      {
        loaded,
        store,
        clock: systemClock,
        actor: 'local, unverified',
        wake: () => undefined,
        availability: (domain) => methodAvailability(config, tlsAvailability(config, domain)),
        methodsAfterRelease,
        bounce: (message, recipient, status, reason) =>
          bounceChange({
            loaded,
            bodies: store.bodies,
            message,
            recipient,
            status,
            reason,
            now: systemClock.now(),
          }),
        revokeItem: revoke,
      },
      name,
      input,
    );
  } finally {
    await store.close();
  }
}
