import { createPrivateKey, diffieHellman, type KeyObject } from 'node:crypto';
import { rememberedOf } from '../../shared/remembered.js';
import type { KeyLimits } from '../types.js';
import { ALGORITHM, type Curve, type KeyDerivation } from './algorithms.js';
import { BOUNDS } from './bounds.js';
import { bitLength } from './cursor.js';
import { MalformedKey } from './malformed.js';
import { nodeKey } from './node-key.js';
import type { PublicKey } from './public-key.js';

/** Why a key must not be encrypted to, by its numbers alone; undefined when it may. */
export function encryptionWeakness(key: PublicKey, limits: KeyLimits): string | undefined {
  const { numbers, algorithm } = key;
  switch (numbers.kind) {
    case 'refused':
      return numbers.why;
    case 'rsa':
      // 9.1: algorithm 3 is for signing only.
      return algorithm === ALGORITHM.rsaSign ? 'RSA sign-only keys cannot encrypt' : rsaWeakness(key, limits);
    case 'ecdh': {
      const { curve, kdf } = numbers;
      if (!limits.curves.includes(curve.name)) return `${curve.name} is not among the curves of keys.curves`;
      if (kdf !== undefined && !isAcceptable(kdf, key.version, curve))
        return 'its key derivation is not accepted';
      return pointWeakness(key);
    }
    default:
      return `${numbers.curve.name} signing keys cannot encrypt`;
  }
}

/**
 * 11.5: SHA-256, SHA-384 or SHA-512, and AES. 11.5.1: keys of version 6 have those of their curve; by others nothing must
 * be encrypted.
 */
function isAcceptable(kdf: KeyDerivation, version: 4 | 6, curve: Curve): boolean {
  if (version === 6) return kdf.hash === curve.kdf?.hash && kdf.cipher === curve.kdf.cipher;
  return [8, 9, 10].includes(kdf.hash) && [7, 8, 9].includes(kdf.cipher);
}

/** Why nothing may rest on the signatures of a key; undefined when it may. */
export function signingWeakness(key: PublicKey, limits: KeyLimits): string | undefined {
  const { numbers, algorithm } = key;
  switch (numbers.kind) {
    case 'refused':
      return numbers.why;
    case 'rsa':
      return algorithm === ALGORITHM.rsaEncrypt ? 'its primary key cannot sign' : rsaWeakness(key, limits);
    case 'ecdh':
      return 'its primary key cannot sign';
    default:
      return pointWeakness(key);
  }
}

/** What anybody can see of a modulus without factoring it (RFC 8017 3.1, NIST SP 800-89 5.3.3). */
function rsaWeakness(key: PublicKey, limits: KeyLimits): string | undefined {
  const { numbers } = key;
  if (numbers.kind !== 'rsa') return undefined;
  const bits = bitLength(numbers.n);
  if (bits < limits.minRsaBits)
    return `RSA ${bits} is shorter than ${limits.minRsaBits} bits (keys.min_rsa_bits)`;
  if (bits > BOUNDS.rsaBits) return `RSA ${bits} is longer than ${BOUNDS.rsaBits} bits`;
  const exponent = numbers.e;
  const odd = (value: Uint8Array) => ((value[value.length - 1] ?? 0) & 1) === 1;
  if (!odd(exponent) || exponent.length > 8 || bitLength(exponent) < 2)
    return 'its RSA exponent is malformed';
  if (!odd(numbers.n) || hasSmallFactor(numbers.n)) return 'its RSA modulus is malformed';
  return pointWeakness(key);
}

const SMALL_PRIMES_PRODUCT = ((): bigint => {
  const primes: number[] = [];
  for (let n = 3; n < 1000; n += 2) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  return primes.reduce((product, prime) => product * BigInt(prime), 1n);
})();

function hasSmallFactor(modulus: Uint8Array): boolean {
  let [a, b] = [
    SMALL_PRIMES_PRODUCT,
    BigInt(`0x${Buffer.from(modulus).toString('hex')}`) % SMALL_PRIMES_PRODUCT,
  ];
  while (b !== 0n) [a, b] = [b, a % b];
  return a !== 1n;
}

/** Points off their curve, and those of small order, to which any sender would agree on the same secret. */
const pointWeakness = rememberedOf((key: PublicKey): string | undefined => {
  let publicKey: KeyObject;
  try {
    publicKey = nodeKey(key);
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return 'malformed: a key in it is not valid for its algorithm';
    throw thrown;
  }
  const probe = key.numbers.kind === 'ecdh' ? PROBES[key.numbers.curve.name] : undefined;
  if (probe === undefined) return undefined;
  try {
    // RFC 7748 6: an all-zero secret, which the library refuses, means a point of small order.
    diffieHellman({ privateKey: probe(), publicKey });
    return undefined;
  } catch {
    return 'malformed: a key in it is not valid for its algorithm';
  }
});

/** Any private key does; these protect nothing. */
const PROBES: Readonly<Record<string, () => KeyObject>> = {
  X25519: probeKey('302e020100300506032b656e04220420', 32),
  X448: probeKey('3046020100300506032b656f043a0438', 56),
};

function probeKey(prefix: string, size: number): () => KeyObject {
  let key: KeyObject | undefined;
  return () => {
    key ??= createPrivateKey({
      format: 'der',
      type: 'pkcs8',
      key: Buffer.concat([Buffer.from(prefix, 'hex'), Buffer.alloc(size, 0x55)]),
    });
    return key;
  };
}
