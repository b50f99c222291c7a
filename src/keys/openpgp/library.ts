import * as openpgp from 'openpgp';
import type { KeyLimits } from '../types.js';
import { BOUNDS } from './bounds.js';
import type { PublicKey } from './public-key.js';

/** What openpgp.js may do with keys; nothing rests on its global configuration. */
export function libraryConfig(limits: Pick<KeyLimits, 'minRsaBits'>): openpgp.Config {
  const { hash, publicKey, curve } = openpgp.enums;
  return {
    ...openpgp.config,
    minRSABits: limits.minRsaBits,
    rejectHashAlgorithms: new Set([hash.md5, hash.sha1, hash.ripemd]),
    rejectPublicKeyAlgorithms: new Set([publicKey.elgamal, publicKey.dsa]),
    rejectCurves: new Set([curve.secp256k1]),
    allowMissingKeyFlags: false,
    enableParsingV5Entities: false,
    ignoreUnsupportedPackets: false,
    ignoreMalformedPackets: false,
    allowInsecureDecryptionWithSigningKeys: false,
    maxUserIDLength: BOUNDS.userId,
    // A gigabyte: more than keys of people need.
    maxArgon2MemoryExponent: 20,
  };
}

/**
 * A second opinion: whether openpgp.js, too, takes exactly this (sub)key for encryption. Two readers that disagree on a
 * key are a reason not to use it. About ECDSA on Brainpool curves it has none to give: on Node it can't verify it.
 *
 * @param material the key that is judged, with what was relied on
 * @param encryptionKey upper-case fingerprint
 */
export async function libraryAgrees(
  primary: PublicKey,
  material: Uint8Array,
  encryptionKey: string,
  limits: KeyLimits,
  now: number,
): Promise<boolean> {
  const { numbers } = primary;
  if (numbers.kind === 'ecdsa' && numbers.curve.name.startsWith('brainpool')) return true;
  const config = libraryConfig(limits);
  try {
    const key = await openpgp.readKey({ binaryKey: material, config });
    const chosen = await key.getEncryptionKey(undefined, new Date(now), undefined, config);
    return chosen.getFingerprint().toUpperCase() === encryptionKey;
  } catch {
    // It throws plain errors for everything that it doesn't accept: the answer is no, and the key is not used.
    return false;
  }
}
