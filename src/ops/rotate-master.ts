import { basename } from 'node:path';
import type { LoadedConfig } from '../config/load.js';
import { openSecret, sealSecret } from '../keys/own/secret-seal.js';
import type { DamagedSeal } from '../model/damaged-seal.js';
import { openTotp, sealTotp } from '../portal/account/totp.js';
import { rosterFiles } from '../roster/load.js';
import { resealRosterFile } from '../roster/reseal-roster.js';
import { errorText, UserError } from '../shared/errors.js';
import { BodyDamaged } from '../store/errors.js';
import { deriveKey, type MasterKey, sealingKeys } from '../store/master-key.js';
import type { Store } from '../store/ports.js';
import {
  beginRotation,
  finishRotation,
  isRotating,
  masterKeyFile,
  type Resealed,
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

  const resealRest = async (): Promise<Resealed> => {
    const all = [
      await resealSecrets(store, masterKey),
      await resealOperators(store, masterKey),
      await resealRosters(dataDir, masterKey),
    ];
    return {
      resealed: all.reduce((sum, one) => sum + one.resealed, 0),
      damaged: all.flatMap((one) => one.damaged),
    };
  };
  const finish = async (using: RotationDeps): Promise<Rotated> => {
    const rotated = await finishRotation(using);
    for (const { kind, id } of rotated.damaged) log.error({ kind, id }, WHAT_TO_DO[kind]);
    return rotated;
  };

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
      return finish(using);
    },
    async resume() {
      if (!isRotating(masterKey)) return;
      try {
        const { from, to, resealed } = await finish(deps());
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

/** Nobody can read any of these, so nothing weaker comes of it: whoever needs one is told that it is damaged. */
const WHAT_TO_DO: Readonly<Record<DamagedSeal['kind'], string>> = {
  message:
    'the key of this content is damaged and opens with no master key: `queue show` says whose mail it is; end it by `queue cancel` or `held reject`, and ask its sender to send it again',
  'portal-item':
    'the key of this content is damaged and opens with no master key: `portal revoke` it, and ask its sender to send it again',
  'portal-reply':
    'the key of this copy of a reply is damaged and opens with no master key: only whoever wrote it misses it',
  'secret-key':
    'this secret key is damaged and opens with no master key, so nothing is signed with it: import or make it again',
  'second-factor':
    'the second factor of this operator is damaged and opens with no master key, so nobody logs in with it: make a new one',
  roster:
    'the key of this roster is damaged and opens with no master key: import it again (`roster import`), or no start takes it',
};

async function resealSecrets(
  { masterKeys, keys }: Pick<Store, 'masterKeys' | 'keys'>,
  masterKey: MasterKey,
): Promise<Resealed> {
  const newest = deriveKey(masterKey, 'secrets');
  let resealed = 0;
  const damaged: DamagedSeal[] = [];
  for (const own of await keys.ownKeys()) {
    if (opened(() => openSecret(newest, own, own.sealedSecret)) !== undefined) continue;
    const secret = opened(() => openSecret(sealingKeys(masterKey, 'secrets'), own, own.sealedSecret));
    if (secret === undefined) {
      damaged.push({ kind: 'secret-key', id: own.fingerprint });
      continue;
    }
    const after = sealSecret(newest, own, secret);
    secret.fill(0);
    resealed += await masterKeys.resealOwnKey({ before: own.sealedSecret, after });
  }
  return { resealed, damaged };
}

async function resealOperators(
  { masterKeys, operators }: Pick<Store, 'masterKeys' | 'operators'>,
  masterKey: MasterKey,
): Promise<Resealed> {
  const newest = deriveKey(masterKey, 'operators');
  let resealed = 0;
  const damaged: DamagedSeal[] = [];
  for (const { name, sealedTotp } of await operators.operators()) {
    if (sealedTotp === undefined || opened(() => openTotp(newest, name, sealedTotp)) !== undefined) continue;
    const secret = opened(() => openOperatorTotp(masterKey, name, sealedTotp));
    if (secret === undefined) {
      damaged.push({ kind: 'second-factor', id: name });
      continue;
    }
    const after = sealTotp(newest, name, secret);
    resealed += await masterKeys.resealOperator({ name, before: sealedTotp, after });
  }
  return { resealed, damaged };
}

/** A file that can't be read, or says nothing of itself, is no damage of its key: then this rejects. */
async function resealRosters(dataDir: string, masterKey: MasterKey): Promise<Resealed> {
  let resealed = 0;
  const damaged: DamagedSeal[] = [];
  for (const path of await rosterFiles(dataDir)) {
    try {
      if (await resealRosterFile(path, masterKey)) resealed++;
    } catch (error) {
      if (!(error instanceof BodyDamaged)) throw error;
      damaged.push({ kind: 'roster', id: basename(path, '.roster') });
    }
  }
  return { resealed, damaged };
}

/** Undefined: it is damaged, or sealed with another key. Nothing is read or written meanwhile that could fail. */
function opened<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch {
    return undefined;
  }
}
