import type { AlgorithmIdentifier, Certificate } from '../x509/certificate.js';
import { fieldsOf, readDer, TAG, wholeBits } from '../x509/der.js';
import type { PublicKeyInfo } from '../x509/public-key.js';
import { checkLongSignature } from '../x509/signature.js';

/** A certificate, CRL or OCSP answer. */
export interface Signed {
  /** The bytes that were signed. */
  readonly signed: Uint8Array;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
}

/** A shorter RSA key speaks for nobody (RFC 8550 4.3). */
const MIN_RSA_BITS = 2048;

/**
 * Whether it is signed by the key, with SHA-256 or better: where an older hash is still accepted, whoever finds a collision
 * can have a harmless answer signed and show another one.
 * @throws BadCertificate when the algorithm's parameters are malformed
 */
export async function isSignedBy(what: Signed, by: PublicKeyInfo): Promise<boolean> {
  if (by.bits !== undefined && by.bits < MIN_RSA_BITS) return false;
  return (await checkLongSignature(what.signed, what.signatureAlgorithm, what.signature, by)).ok;
}

/** Content of subjectPublicKey, which key hashes are made of (RFC 6960 4.1.1). @throws BadCertificate */
export function keyBitsOf(certificate: Certificate): Uint8Array {
  const fields = fieldsOf(readDer(certificate.publicKey.spki));
  fields.take(TAG.sequence);
  return wholeBits(fields.take(TAG.bitString));
}
