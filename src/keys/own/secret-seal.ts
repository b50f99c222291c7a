import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { OwnKey } from '../../model/key.js';
import type { NumberedKey } from '../../store/body-seal.js';
import { deriveKey, type MasterKey } from '../../store/master-key.js';

/*
 * How secret keys are kept: AES-256-GCM under a key derived from the master key, with a random nonce (a gateway seals
 * a handful of keys, far from the 2^32 of NIST SP 800-38D 8.3). What the key is, and whose, is associated data, so that
 * a row whose secret was exchanged, or that was given to another sender, doesn't open.
 */

const VERSION = 1;
const NONCE_SIZE = 12;
const TAG_SIZE = 16;

/** What a sealed secret is bound to. */
export type SecretOwner = Pick<OwnKey, 'kind' | 'fingerprint' | 'address'>;

/** A sealed secret that doesn't open: another master key, another owner, or a damaged database. */
export class SecretDamaged extends Error {
  override readonly name = 'SecretDamaged';
}

/**
 * @param sealingKey `deriveKey(master, 'secrets')`
 * @returns version, nonce, sealed bytes and tag, in this order
 */
export function sealSecret(sealingKey: Uint8Array, owner: SecretOwner, secret: Uint8Array): Buffer {
  const nonce = randomBytes(NONCE_SIZE);
  const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce, { authTagLength: TAG_SIZE });
  cipher.setAAD(context(owner));
  const sealed = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, sealed, cipher.getAuthTag()]);
}

/** Seals with the key that `createSigningKeys` opens with. */
export function secretSealer(masterKey: MasterKey): (owner: SecretOwner, secret: Uint8Array) => Uint8Array {
  return (owner, secret) => sealSecret(deriveKey(masterKey, 'secrets'), owner, secret);
}

/** @throws SecretDamaged when it was not sealed by one of these keys for this owner */
export function openSecret(
  keys: Uint8Array | readonly NumberedKey[],
  owner: SecretOwner,
  sealed: Uint8Array,
): Buffer {
  const [key, ...others] = keys instanceof Uint8Array ? [keys] : keys.map((one) => one.key);
  if (key === undefined) throw new RangeError('no key to open it with');
  try {
    return openWith(key, owner, sealed);
  } catch (error) {
    for (const other of others) {
      try {
        return openWith(other, owner, sealed);
      } catch {
        // What the newest key says counts.
      }
    }
    throw error;
  }
}

function openWith(sealingKey: Uint8Array, owner: SecretOwner, sealed: Uint8Array): Buffer {
  const what = `the secret key of ${owner.fingerprint} is damaged, or was sealed with another master key`;
  if (sealed.length < 1 + NONCE_SIZE + TAG_SIZE || sealed[0] !== VERSION) throw new SecretDamaged(what);
  const nonce = sealed.subarray(1, 1 + NONCE_SIZE);
  const box = sealed.subarray(1 + NONCE_SIZE, sealed.length - TAG_SIZE);
  const decipher = createDecipheriv('aes-256-gcm', sealingKey, nonce, { authTagLength: TAG_SIZE });
  decipher.setAAD(context(owner));
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_SIZE));
  try {
    return Buffer.concat([decipher.update(box), decipher.final()]);
  } catch (cause) {
    throw new SecretDamaged(what, { cause });
  }
}

/** Addresses and fingerprints hold no line feed, so no two owners give the same text. */
function context({ kind, fingerprint, address }: SecretOwner): Buffer {
  return Buffer.from(
    `sallyport-secret-key v1\n${kind}\n${fingerprint}\n${address === undefined ? 'gateway' : `sender ${address}`}\n`,
  );
}
