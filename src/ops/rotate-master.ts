import type { LoadedConfig } from '../config/load.js';
import { openSecret, sealSecret } from '../keys/own/secret-seal.js';
import { openTotp, sealTotp } from '../portal/account/totp.js';
import { rosterFiles } from '../roster/load.js';
import { resealRosterFile } from '../roster/reseal-roster.js';
import { errorText, UserError } from '../shared/errors.js';
import { deriveKey, type MasterKey, sealingKeys } from '../store/master-key.js';
import type { Store } from '../store/ports.js';
import {
  beginRotation,
  finishRotation,
  isRotating,
  masterKeyFile,
  type Rotated,
  type RotationDeps,
} from '../store/rotation.js';
import type { Log } from './log.js';
import { openOperatorTotp } from './operators/totp.js';

/** Replaces the master key of the store that this process holds. */
export interface MasterKeyRotation {
  /**
   * Makes a new master key, seals everything anew and destroys the old one.
   * @throws UserError when it can't be done, or not to its end; the next start goes on then
   */
  rotate(actor: string): Promise<Rotated>;
  /** Goes on with one that a stop or a crash interrupted. */
  resume(): Promise<void>;
  stop(): void;
}

export function createMasterKeyRotation(options: {
  readonly loaded: LoadedConfig;
  readonly masterKey: MasterKey;
  readonly store: Pick<Store, 'masterKeys' | 'keys' | 'operators'>;
  /** Runs what no command may change meanwhile. */
  readonly alone: RotationDeps['alone'];
  readonly log: Log;
}): MasterKeyRotation {
  const { loaded, masterKey, store, log } = options;
  const { dataDir } = loaded;
  let stopped = false;

  const resealRest = async () =>
    (await resealSecrets(store, masterKey)) +
    (await resealOperators(store, masterKey)) +
    (await resealRosters(dataDir, masterKey));

  const deps = (): RotationDeps => {
    const from = loaded.config.master_key;
    const file = masterKeyFile(from, dataDir);
    if (file === undefined) {
      throw new UserError(
        'the master key does not come from a file, so it can’t be replaced here: put it in one that only the relay may read (`master_key: { file: … }`) and restart the relay first',
        { exitStatus: 2 },
      );
    }
    return {
      masterKey,
      file,
      store: store.masterKeys,
      resealRest,
      alone: options.alone,
      stopped: () => stopped,
    };
  };

  return {
    async rotate(actor) {
      const using = deps();
      // Commands seal secrets before they store them; none may be in between. One that was interrupted goes on.
      if (!isRotating(masterKey)) await options.alone(() => beginRotation(using, actor));
      return finishRotation(using);
    },
    async resume() {
      if (!isRotating(masterKey)) return;
      try {
        const { from, to, resealed } = await finishRotation(deps());
        log.info({ from, to, resealed }, 'the rotation of the master key is finished');
      } catch (error) {
        // Both keys go on being used, and the next start tries again.
        log.error({ reason: errorText(error) }, 'the rotation of the master key could not be finished');
      }
    },
    stop() {
      stopped = true;
    },
  };
}

async function resealSecrets({ masterKeys, keys }: Pick<Store, 'masterKeys' | 'keys'>, masterKey: MasterKey) {
  const newest = deriveKey(masterKey, 'secrets');
  let resealed = 0;
  for (const own of await keys.ownKeys()) {
    if (opens(() => openSecret(newest, own, own.sealedSecret))) continue;
    const secret = openSecret(sealingKeys(masterKey, 'secrets'), own, own.sealedSecret);
    const after = sealSecret(newest, own, secret);
    secret.fill(0);
    resealed += await masterKeys.resealOwnKey({ before: own.sealedSecret, after });
  }
  return resealed;
}

async function resealOperators(
  { masterKeys, operators }: Pick<Store, 'masterKeys' | 'operators'>,
  masterKey: MasterKey,
) {
  const newest = deriveKey(masterKey, 'operators');
  let resealed = 0;
  for (const { name, sealedTotp } of await operators.operators()) {
    if (sealedTotp === undefined || opens(() => openTotp(newest, name, sealedTotp))) continue;
    const after = sealTotp(newest, name, openOperatorTotp(masterKey, name, sealedTotp));
    resealed += await masterKeys.resealOperator({ name, before: sealedTotp, after });
  }
  return resealed;
}

async function resealRosters(dataDir: string, masterKey: MasterKey): Promise<number> {
  let resealed = 0;
  for (const path of await rosterFiles(dataDir)) if (await resealRosterFile(path, masterKey)) resealed++;
  return resealed;
}

/** Whether it is sealed with the newest key already. */
function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch {
    // Why is found out when it is opened with all keys.
    return false;
  }
}
