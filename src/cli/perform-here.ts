import type { LoadedConfig } from '../config/load.js';
import { methodsAfterRelease } from '../decide/index.js';
import { bounceChange, tlsAvailability } from '../deliver/index.js';
import { type ActName, performAct } from '../ops/acts/index.js';
import { createLog } from '../ops/log.js';
import { checkpointSink } from '../ops/system-log.js';
import { revoke } from '../portal/index.js';
import { methodAvailability } from '../protect/index.js';
import type { Json } from '../shared/canonical-json.js';
import { systemClock } from '../shared/clock.js';
import { loadMasterKey, openStore } from '../store/index.js';

/**
 * Performs a command with the store opened here, under its lock.
 * @throws UserError when it can't be done, or another process holds the lock
 */
export async function performHere(loaded: LoadedConfig, name: ActName, input: Json): Promise<Json> {
  const { config, dataDir } = loaded;
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
