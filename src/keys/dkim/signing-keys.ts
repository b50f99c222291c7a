import { createPrivateKey, type KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { LoadedConfig } from '../../config/load.js';
import type { DkimKeyConfig } from '../../config/schema.js';
import { errorCode, UserError } from '../../shared/errors.js';
import { type MasterKey, sealingKeys } from '../../store/master-key.js';
import type { KeyStore } from '../../store/ports.js';
import { openSecret, SecretDamaged } from '../own/secret-seal.js';
import { dkimRecordName, whyNoDkimKey } from './key.js';

/** The private keys that the configuration names. */
export interface DkimKeys {
  /**
   * @throws UserError when it is missing, damaged or can't sign; StoreUnavailable
   */
  privateKey(loaded: LoadedConfig, entry: DkimKeyConfig): Promise<KeyObject>;
}

const MAX_FILE = 64 * 1024;

/**
 * Kept keys are asked for anew each time, so that one which was removed signs nothing more. Files are read once for each
 * configuration: a reload reads them again.
 */
export function createDkimKeys(options: {
  readonly store: Pick<KeyStore, 'ownKeysFor'>;
  readonly masterKey: MasterKey;
}): DkimKeys {
  const files = new WeakMap<LoadedConfig, Map<string, KeyObject>>();

  const fromFile = async (loaded: LoadedConfig, file: string) => {
    const known = files.get(loaded) ?? new Map<string, KeyObject>();
    files.set(loaded, known);
    const key = known.get(file) ?? (await readDkimKeyFile(loaded.path(file)));
    known.set(file, key);
    return key;
  };
  const fromStore = async (entry: DkimKeyConfig) => {
    const name = dkimRecordName(entry);
    const [own] = await options.store.ownKeysFor('dkim', name);
    if (own === undefined)
      throw new UserError(
        `no DKIM key is kept for the selector ${entry.selector} of ${entry.domain}: \`sallyport keys dkim ${entry.domain} --selector ${entry.selector}\` makes one`,
        { exitStatus: 2 },
      );
    let secret: Buffer;
    try {
      secret = openSecret(sealingKeys(options.masterKey, 'secrets'), own, own.sealedSecret);
    } catch (cause) {
      if (!(cause instanceof SecretDamaged)) throw cause;
      throw new UserError(`the DKIM key ${name}: ${cause.message}`, { cause });
    }
    return parsed(secret, 'der', name);
  };
  return {
    async privateKey(loaded, entry) {
      return entry.key === undefined ? fromStore(entry) : fromFile(loaded, entry.key);
    },
  };
}

/**
 * Opens every key that the configuration names, so that a missing one is found before mail waits for it.
 * @throws UserError of the first that can't sign; StoreUnavailable
 */
export async function usableDkimKeys(keys: DkimKeys, loaded: LoadedConfig): Promise<void> {
  for (const [i, entry] of loaded.config.dkim.entries()) {
    try {
      await keys.privateKey(loaded, entry);
    } catch (cause) {
      if (!(cause instanceof UserError)) throw cause;
      throw new UserError(`${loaded.file}: dkim.${i}: ${cause.message}`, { exitStatus: 2, cause });
    }
  }
}

/**
 * Reads a PEM file with a private key.
 * @throws UserError when it is missing, open to everybody, or holds none that can sign
 */
export async function readDkimKeyFile(path: string): Promise<KeyObject> {
  let text: string;
  try {
    const file = await open(path, 'r');
    try {
      // Asked of the open file: the name could be pointed elsewhere between a check and the read.
      const { mode, size } = await file.stat();
      if ((mode & 0o007) !== 0)
        throw new UserError(`the DKIM key ${path} is open to everybody on this machine: chmod 600 ${path}`, {
          exitStatus: 2,
        });
      if (size > MAX_FILE) throw new UserError(`${path} is too large for a DKIM key`, { exitStatus: 2 });
      text = await file.readFile('utf8');
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`cannot read the DKIM key ${path} (${errorCode(cause) ?? 'error'})`, {
      exitStatus: 2,
      cause,
    });
  }
  return parsed(text, 'pem', path);
}

function parsed(material: string | Buffer, format: 'pem' | 'der', what: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: material, format, ...(format === 'der' && { type: 'pkcs8' as const }) });
  } catch {
    // The library's text could quote the key.
    throw new UserError(
      `the DKIM key ${what} can't be read: it must be a private key in PEM form, without passphrase`,
      {
        exitStatus: 2,
      },
    );
  }
  const problem = whyNoDkimKey(key);
  if (problem !== undefined)
    throw new UserError(`the DKIM key ${what} can't sign: ${problem}`, { exitStatus: 2 });
  return key;
}
