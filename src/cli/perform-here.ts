import { createBackups } from '../backup/index.js';
import type { LoadedConfig } from '../config/load.js';
import { keyAvailability, keySourcesFor, methodsAfterRelease } from '../decide/index.js';
import { bounceChange, ownMail, tlsAvailability } from '../deliver/index.js';
import { openKeyFinder } from '../keys/index.js';
import { secretSealer } from '../keys/own/index.js';
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
import { createPortalOperations, revoke, unlockRecipient } from '../portal/index.js';
import { methodAvailability } from '../protect/index.js';
import { checkRosterFile } from '../roster/roster-file.js';
import type { Json } from '../shared/canonical-json.js';
import { systemClock } from '../shared/clock.js';
import { createInTurn } from '../shared/in-turn.js';
import { deriveKey, loadMasterKey, openStore } from '../store/index.js';

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
  // No portal runs here: the store is locked.
  const inTurn = createInTurn();
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
    return await performAct(
      {
        loaded,
        store,
        clock: systemClock,
        actor,
        wake: () => undefined,
        decideAgain: () => undefined,
        relayStopped: true,
        enrolTotp: (operator) => totp.enrol(operator),
        availability: async (address) => {
          const { openpgp, x509 } = await findKeys(address);
          const domain = domainOf(address);
          return {
            ...methodAvailability(config, tlsAvailability(config, domain)),
            pgp: keyAvailability(openpgp),
            smime: keyAvailability(x509),
          };
        },
        findKeys,
        judgeKey: async (key) => (await openFinder()).judge(key),
        sealSecret: secretSealer(masterKey),
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
        portalOperations: createPortalOperations({
          loaded: () => loaded,
          queue: store.queue,
          portal: store.portal,
          bodies: store.bodies,
          ownMail,
          codeKey: deriveKey(masterKey, 'portal-code'),
          inTurn,
          clock: systemClock,
        }),
        unlockRecipient: (address, actor) =>
          unlockRecipient(
            { portal: store.portal, codeKey: deriveKey(masterKey, 'portal-code'), inTurn },
            address,
            actor,
          ),
        checkRoster: (path) => checkRosterFile(path, masterKey),
        rostersChanged: async () => undefined,
        rotateMaster: (actor) =>
          createMasterKeyRotation({ loaded, masterKey, store, alone: (task) => task(), log }).rotate(actor),
        makeBackup: (to, actor) =>
          createBackups({ loaded: () => loaded, store, masterKey, clock: systemClock }).make(to, actor),
      },
      name,
      input,
    );
  } finally {
    await store.close();
  }
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
