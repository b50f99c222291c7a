import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';
import { remembered } from '../../shared/remembered.js';
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
 * Keys as openpgp.js read them, with what it found of their signatures: right or wrong once and for all. Dates, and what the
 * configuration says of algorithms, it looks at each time that it is asked for the encryption key.
 */
const readBefore = remembered(
  500,
  ({ material, minRsaBits }: LibraryQuestion) =>
    `${minRsaBits} ${createHash('sha256').update(material).digest('base64')}`,
  ({ material, minRsaBits }) => {
    const config = libraryConfig({ minRsaBits });
    const key = openpgp.readKey({ binaryKey: Uint8Array.from(material), config });
    // Whoever asked is told; without this, a refusal that nobody waits for any more would end the process.
    key.catch(() => undefined);
    return { key, config };
  },
);

interface LibraryQuestion {
  readonly material: Uint8Array;
  readonly minRsaBits: number;
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
  try {
    const { key: reading, config } = readBefore({ material, minRsaBits: limits.minRsaBits });
    const key = await reading;
    const chosen = await key.getEncryptionKey(undefined, new Date(now), undefined, config);
    return chosen.getFingerprint().toUpperCase() === encryptionKey;
  } catch {
    // It throws plain errors for everything that it doesn't accept: the answer is no, and the key is not used.
    return false;
  }
}
