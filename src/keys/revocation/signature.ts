import { constants, type KeyObject, verify } from 'node:crypto';
import { type AlgorithmIdentifier, readAlgorithm } from '../x509/certificate.js';
import { contextConstructed, type DerNode, fieldsOf, smallInteger, TAG } from '../x509/der.js';
import { importPublicKey, type PublicKeyInfo } from '../x509/public-key.js';

interface Scheme {
  readonly key: 'rsa' | 'ec' | 'ed25519';
  /** null: the scheme has its own. */
  readonly hash: 'sha256' | 'sha384' | 'sha512' | null;
  readonly pssSalt?: number;
}

/**
 * RFC 4055 and 8017, RFC 5758, RFC 8410. No SHA-1 and no MD5: whoever finds a collision could have a harmless answer
 * signed and show another one.
 */
const SCHEMES: Readonly<Record<string, Scheme>> = {
  '1.2.840.113549.1.1.11': { key: 'rsa', hash: 'sha256' },
  '1.2.840.113549.1.1.12': { key: 'rsa', hash: 'sha384' },
  '1.2.840.113549.1.1.13': { key: 'rsa', hash: 'sha512' },
  '1.2.840.10045.4.3.2': { key: 'ec', hash: 'sha256' },
  '1.2.840.10045.4.3.3': { key: 'ec', hash: 'sha384' },
  '1.2.840.10045.4.3.4': { key: 'ec', hash: 'sha512' },
  '1.3.101.112': { key: 'ed25519', hash: null },
};
const RSASSA_PSS = '1.2.840.113549.1.1.10';
const MGF1 = '1.2.840.113549.1.1.8';
const HASHES: Readonly<Record<string, 'sha256' | 'sha384' | 'sha512'>> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};

/** A shorter RSA key speaks for nobody (NIST SP 800-131A). */
const MIN_RSA_BITS = 2048;

export interface Signed {
  /** The bytes that were signed. */
  readonly signed: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/**
 * Whether it is signed by the key, with SHA-256 or better. Works in Node's thread pool: a CRL may have megabytes.
 * @throws BadCertificate when the algorithm's parameters are malformed
 */
export async function isSignedBy(what: Signed, by: PublicKeyInfo): Promise<boolean> {
  const scheme = schemeOf(what.signatureAlgorithm);
  if (scheme === undefined || by.flaw !== undefined) return false;
  const kinds: readonly string[] = scheme.pssSalt === undefined ? [scheme.key] : ['rsa', 'rsa-pss'];
  if (!kinds.includes(by.kind) || (scheme.key === 'rsa' && (by.bits ?? 0) < MIN_RSA_BITS)) return false;
  const key = importPublicKey(by);
  return key === undefined ? false : verifyInPool(what, scheme, key);
}

function verifyInPool(what: Signed, scheme: Scheme, key: KeyObject): Promise<boolean> {
  const how =
    scheme.pssSalt === undefined
      ? key
      : { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: scheme.pssSalt };
  return new Promise((resolve) => {
    // A signature that OpenSSL can't read is none.
    verify(scheme.hash, what.signed, how, what.signature, (error, valid) => resolve(error === null && valid));
  });
}

function schemeOf({ oid, parameters }: AlgorithmIdentifier): Scheme | undefined {
  return oid === RSASSA_PSS ? pssScheme(parameters) : SCHEMES[oid];
}

/** RFC 4055 3.1. The defaults are SHA-1, so everything must be said; MGF1 must use the same hash. */
function pssScheme(parameters: DerNode | undefined): Scheme | undefined {
  if (parameters === undefined) return undefined;
  const fields = fieldsOf(parameters);
  const hash = hashOf(fields.maybe(contextConstructed(0))?.children[0]);
  const mask = fields.maybe(contextConstructed(1))?.children[0];
  const salt = fields.maybe(contextConstructed(2))?.children[0];
  fields.end();
  if (hash === undefined || mask === undefined || salt === undefined) return undefined;
  const generator = readAlgorithm(mask);
  if (generator.oid !== MGF1 || hashOf(generator.parameters) !== hash) return undefined;
  const pssSalt = smallInteger(salt, TAG.integer);
  return pssSalt > 512 ? undefined : { key: 'rsa', hash, pssSalt };
}

function hashOf(algorithm: DerNode | undefined) {
  return algorithm === undefined ? undefined : HASHES[readAlgorithm(algorithm).oid];
}
