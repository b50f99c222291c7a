import { createActContext } from '../act-context.js';
import { createBackups } from '../backup/index.js';
import type { LoadedConfig } from '../config/load.js';
import { keySourcesFor } from '../decide/index.js';
import { openKeyFinder } from '../keys/index.js';
import { KEY_KINDS } from '../model/key.js';
import { type ActName, performAct } from '../ops/acts/index.js';
import { withPolicies } from '../ops/in-force.js';
import { createLog } from '../ops/log.js';
import type { Credentials } from '../ops/operators/credentials.js';
import { createOperatorLogin } from '../ops/operators/login.js';
import { operatorTotp } from '../ops/operators/totp.js';
import { whoActs } from '../ops/operators/who-acts.js';
import { createMasterKeyRotation } from '../ops/rotate-master.js';
import { checkpointSink } from '../ops/system-log.js';
import type { Json } from '../shared/canonical-json.js';
import { systemClock } from '../shared/clock.js';
import { domainOf } from '../shared/domain-of.js';
import { createInTurn } from '../shared/in-turn.js';
import { loadMasterKey, openStore } from '../store/index.js';

/**
 * Performs a command with the store opened here, under its lock.
 * @throws UserError when it can't be done, or another process holds the lock
 */
export async function performHere(
  loaded: LoadedConfig,
  name: ActName,
  input: Json,
  credentials?: Credentials,
): Promise<Json> {
  const { config, dataDir } = loaded;
  const log = createLog({ ...config.logging, level: 'error' });
  const masterKey = loadMasterKey(config.master_key, dataDir, { createIfMissing: false });
  const store = await openStore({
    dataDir,
    masterKey,
    clock: systemClock,
    log,
    audit: {
      checkpointEveryEvents: config.audit.checkpoint_every_events,
      checkpointEveryMs: config.audit.checkpoint_every,
      onCheckpoint: checkpointSink(log, config.audit.syslog),
    },
  });
  /** Policies are read only by the commands that need them, so that a bad file doesn't stop the others. */
  const openFinder = () =>
    openKeyFinder({ loaded, store: store.keys, clock: systemClock, log, record: true });
  const findKeys = async (address: string) => {
    const { policy } = await withPolicies(loaded);
    const finder = await openFinder();
    return finder.find(address, { kinds: KEY_KINDS, sources: keySourcesFor(policy, domainOf(address)) });
  };
  try {
    const totp = operatorTotp(masterKey, () => config.organisation.name);
    const login = await createOperatorLogin({ config: () => config, store, totp, clock: systemClock });
    const actor = await whoActs(login, credentials);
    const context = createActContext(
      // No portal runs here: the store is locked.
      { loaded: () => loaded, masterKey, totp, portalTurns: createInTurn() },
      {
        store,
        clock: systemClock,
        relayStopped: true,
        wake: () => undefined,
        decideAgain: () => undefined,
        findKeys,
        judgeKey: async (key) => (await openFinder()).judge(key),
        rostersChanged: async () => undefined,
        rotateMaster: (actor) =>
          createMasterKeyRotation({ loaded, masterKey, store, alone: (task) => task(), log }).rotate(actor),
        makeBackup: (to, actor) =>
          createBackups({ loaded: () => loaded, store, masterKey, clock: systemClock }).make(to, actor),
      },
    );
    return await performAct({ ...context, actor }, name, input);
  } finally {
    await store.close();
  }
}
