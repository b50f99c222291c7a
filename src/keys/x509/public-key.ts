import { createPublicKey, type KeyObject } from 'node:crypto';
import { rememberedOf } from '../../shared/remembered.js';
import {
  BadCertificate,
  type DerNode,
  fieldsOf,
  oidOf,
  positiveInteger,
  readDer,
  TAG,
  wholeBits,
} from './der.js';

/** A SubjectPublicKeyInfo (RFC 5280 4.1.2.7). */
export interface PublicKeyInfo {
  /** DER. */
  readonly spki: Uint8Array;
  readonly kind: 'rsa' | 'rsa-pss' | 'ec' | 'x25519' | 'ed25519' | 'other';
  /** For people: `RSA 3072`, `P-256`, `X25519`. */
  readonly label: string;
  /** RSA only. */
  readonly bits?: number;
  /** EC only: the name of a curve that is known. */
  readonly curve?: string;
  /** What is wrong with it, if something is. */
  readonly flaw?: string;
}

const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
const LABELS: Readonly<Record<string, string>> = {
  '1.2.840.10040.4.1': 'DSA',
  '1.3.132.1.12': 'EC (ECDH only)',
  '1.2.840.113549.1.1.7': 'RSA (OAEP only)',
  '1.3.101.111': 'X448',
  '1.3.101.113': 'Ed448',
};

/** RFC 5480 2.1.1.1 and RFC 5639. */
const CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
  '1.3.36.3.3.2.8.1.1.7': 'brainpoolP256r1',
  '1.3.36.3.3.2.8.1.1.11': 'brainpoolP384r1',
  '1.3.36.3.3.2.8.1.1.13': 'brainpoolP512r1',
};

/** OpenSSL takes no longer ones, and their cost grows fast. */
const MAX_RSA_BITS = 16_384;

/** @throws BadCertificate */
export function readPublicKeyInfo(node: DerNode): PublicKeyInfo {
  const fields = fieldsOf(node);
  const algorithm = fields.take(TAG.sequence);
  const bits = fields.take(TAG.bitString);
  fields.end();
  const algorithmFields = fieldsOf(algorithm);
  const oid = oidOf(algorithmFields.take(TAG.oid));
  const parameters = algorithm.children[1];
  if (algorithm.children.length > 2) throw new BadCertificate('has a public key that is malformed');
  const spki = node.bytes;
  switch (oid) {
    case RSA_ENCRYPTION:
    case RSASSA_PSS:
      return oid === RSA_ENCRYPTION
        ? { spki, kind: 'rsa', ...readRsa('RSA', wholeBits(bits)) }
        : { spki, kind: 'rsa-pss', ...readRsa('RSA-PSS', wholeBits(bits)) };
    case EC_PUBLIC_KEY: {
      // RFC 5480 2.1.1: only named curves; the other two forms must not be used.
      if (parameters?.tag !== TAG.oid)
        return { spki, kind: 'ec', label: 'EC', flaw: 'its curve is not given by name' };
      const curve = CURVES[oidOf(parameters)];
      return curve === undefined
        ? { spki, kind: 'ec', label: 'EC' }
        : { spki, kind: 'ec', label: curve, curve };
    }
    case '1.3.101.110':
      return { spki, kind: 'x25519', label: 'X25519' };
    case '1.3.101.112':
      return { spki, kind: 'ed25519', label: 'Ed25519' };
    default:
      return { spki, kind: 'other', label: LABELS[oid] ?? 'unknown algorithm' };
  }
}

/**
 * Checks as in RFC 8017 3.1 and NIST SP 800-89 5.3.3: what no key generator makes is a key somebody else can open.
 */
function readRsa(name: string, bytes: Uint8Array): Pick<PublicKeyInfo, 'label' | 'bits' | 'flaw'> {
  const fields = fieldsOf(readDer(bytes));
  const modulusNode = fields.take(TAG.integer);
  const modulus = positiveInteger(modulusNode);
  const exponent = positiveInteger(fields.take(TAG.integer));
  fields.end();
  const bits = modulus.toString(2).length;
  const facts = { label: `${name} ${bits}`, bits };
  if (bits > MAX_RSA_BITS) return { ...facts, flaw: `${name} ${bits} is longer than ${MAX_RSA_BITS} bits` };
  if (exponent < 3n || exponent % 2n === 0n || exponent >= 1n << 32n)
    return { ...facts, flaw: 'its RSA exponent is not an odd number of 3 or more and less than 2^32' };
  if (SMALL_PRIMES.some((prime) => modulus % prime === 0n))
    return { ...facts, flaw: 'its RSA modulus has a small factor' };
  return facts;
}

const SMALL_PRIMES: readonly bigint[] = primesBelow(752).map(BigInt);

function primesBelow(limit: number): number[] {
  const primes: number[] = [];
  for (let candidate = 2; candidate < limit; candidate += 1)
    if (primes.every((prime) => candidate % prime !== 0)) primes.push(candidate);
  return primes;
}

/** The key for node:crypto, which checks that a point lies on its curve; undefined when OpenSSL does not take it. */
export const importPublicKey = rememberedOf((key: PublicKeyInfo): KeyObject | undefined => {
  try {
    return createPublicKey({ key: Buffer.from(key.spki), format: 'der', type: 'spki' });
  } catch {
    // Whatever it was (a point off its curve, parameters that don't fit): callers refuse the key.
    return undefined;
  }
});
