import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { ALGORITHM } from '../../keys/openpgp/algorithms.js';
import { type Cursor, cursor } from '../../keys/openpgp/cursor.js';
import { type PublicKey, readPublicKey } from '../../keys/openpgp/public-key.js';
import { SealFailed } from '../seal-failed.js';

/** A key that signs: what is public of it, and the secret for node:crypto. */
export interface SecretKey {
  readonly key: PublicKey;
  readonly privateKey: KeyObject;
}

/**
 * Reads the body of a secret-key packet without a passphrase (RFC 9580 5.5.3). That its numbers belong together was checked
 * when it was imported.
 * @throws SealFailed for algorithms that can't sign here, MalformedKey, and what node:crypto throws for wrong numbers
 */
export function readSecretKey(body: Uint8Array): SecretKey {
  const key = readPublicKey(body, true);
  if ('unsupported' in key) throw new SealFailed('the signing key is not supported');
  const read = cursor(body);
  read.take(key.body.length);
  // 3.7.2.1: 0 means unprotected; any other value, that what follows is encrypted.
  if (read.u8() !== 0) throw new SealFailed('the signing key is protected by a passphrase');
  return { key, privateKey: createPrivateKey({ format: 'jwk', key: secretJwk(key, read) }) };
}

/** RFC 7517, RFC 7518 6, RFC 8037 2; the secret numbers are those of RFC 9580 5.5.5. */
function secretJwk({ algorithm, numbers }: PublicKey, read: Cursor): JsonWebKey {
  switch (numbers.kind) {
    case 'rsa': {
      const d = read.mpi();
      // 5.5.5.1 has u = p^-1 mod q, where a JWK has qi = q^-1 mod p: so the primes change places.
      const q = read.mpi();
      const p = read.mpi();
      const qi = read.mpi();
      return {
        kty: 'RSA',
        n: text(numbers.n),
        e: text(numbers.e),
        d: text(d),
        p: text(p),
        q: text(q),
        dp: lessOneRemainder(d, p),
        dq: lessOneRemainder(d, q),
        qi: text(qi),
      };
    }
    case 'ecdsa': {
      const { name, size } = numbers.curve;
      if (!JWK_CURVES.has(name)) throw new SealFailed('the curve of the signing key is not supported');
      return {
        kty: 'EC',
        crv: name,
        x: text(numbers.point.subarray(0, size)),
        y: text(numbers.point.subarray(size)),
        d: text(filled(read.mpi(), size)),
      };
    }
    case 'eddsa': {
      const { name, size } = numbers.curve;
      const d = algorithm === ALGORITHM.eddsaLegacy ? filled(read.mpi(), size) : read.take(size);
      return { kty: 'OKP', crv: name, x: text(numbers.point), d: text(d) };
    }
    default:
      throw new SealFailed('the signing key cannot sign');
  }
}

const JWK_CURVES: ReadonlySet<string> = new Set(['P-256', 'P-384', 'P-521']);

function text(value: Uint8Array): string {
  return Buffer.from(value).toString('base64url');
}

/** Numbers in keys have no leading zeros (RFC 9580 3.2). */
function filled(value: Uint8Array, size: number): Uint8Array {
  const out = Buffer.alloc(size);
  out.set(value, size - value.length);
  return out;
}

/** d mod (p - 1), RFC 8017 3.2. */
function lessOneRemainder(exponent: Uint8Array, prime: Uint8Array): string {
  const number = (value: Uint8Array): bigint => BigInt(`0x${Buffer.from(value).toString('hex')}`);
  const digits = (number(exponent) % (number(prime) - 1n)).toString(16);
  return Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex').toString('base64url');
}
