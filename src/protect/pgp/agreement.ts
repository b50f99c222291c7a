import { createECDH, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Curve } from '../../keys/openpgp/algorithms.js';
import { concat } from '../../keys/openpgp/cursor.js';
import { SealFailed } from '../seal-failed.js';

export interface Agreement {
  /** Of an ephemeral key that nobody keeps; native, or 0x04 and both coordinates. */
  readonly ephemeral: Uint8Array;
  readonly secret: Uint8Array;
}

/**
 * Agrees on a secret with the holder of a key, with a new ephemeral key each time (RFC 9580 5.1.5 to 5.1.7).
 * @param point of the recipient, as in PublicKey
 * @throws what node:crypto throws for a point off its curve or of small order
 */
export function agree(curve: Curve, point: Uint8Array, publicKey: KeyObject): Agreement {
  if (curve.name === 'X25519' || curve.name === 'X448') return agreeNatively(curve.name, publicKey);
  const name = OPENSSL_NAMES[curve.name];
  if (name === undefined) throw new SealFailed('the curve of the key is not supported');
  const ecdh = createECDH(name);
  const ephemeral = ecdh.generateKeys();
  return { ephemeral, secret: ecdh.computeSecret(concat(Uint8Array.of(4), point)) };
}

const OPENSSL_NAMES: Readonly<Record<string, string>> = {
  'P-256': 'prime256v1',
  'P-384': 'secp384r1',
  'P-521': 'secp521r1',
  brainpoolP256r1: 'brainpoolP256r1',
  brainpoolP384r1: 'brainpoolP384r1',
  brainpoolP512r1: 'brainpoolP512r1',
};

function agreeNatively(curve: 'X25519' | 'X448', publicKey: KeyObject): Agreement {
  // The overloads of the types know one curve at a time.
  const { privateKey } = curve === 'X25519' ? generateKeyPairSync('x25519') : generateKeyPairSync('x448');
  return {
    // RFC 7748 6: the public key is the function of the secret and the base point. Never `export()` a key that
    // `generateKeyPairSync` just made: on Node 20 a garbage collection during an export waits for ever for a lock that the
    // export holds.
    ephemeral: diffieHellman({ privateKey, publicKey: BASE_POINTS[curve] }),
    secret: diffieHellman({ privateKey, publicKey }),
  };
}

/** RFC 7748 4.1, 4.2: u = 9 and u = 5; in the SubjectPublicKeyInfo of RFC 8410 4. */
const BASE_POINTS = {
  X25519: basePoint('302a300506032b656e032100', 9, 32),
  X448: basePoint('3042300506032b656f033900', 5, 56),
} as const;

function basePoint(prefix: string, u: number, size: number): KeyObject {
  const point = Buffer.alloc(size);
  point[0] = u;
  return createPublicKey({
    format: 'der',
    type: 'spki',
    key: Buffer.concat([Buffer.from(prefix, 'hex'), point]),
  });
}
