import { remembered, rememberedOf } from '../../shared/remembered.js';
import { type Certificate, fingerprintOf, readCertificate } from './certificate.js';
import { checkSignature, type SignatureCheck } from './signature.js';

/** Octets of a certificate that is remembered; nearly all are smaller. */
const SMALL = 8 * 1024;

const readBefore = remembered(1000, fingerprintOf, (der) => readCertificate(Uint8Array.from(der)));

/**
 * As `readCertificate`; the same octets give the same object again, so that what follows from them alone is found out once. For
 * what is judged again for each message.
 * @throws BadCertificate
 */
export function knownCertificate(der: Uint8Array): Certificate {
  return der.length > SMALL ? readCertificate(der) : readBefore(der);
}

const checksOf = rememberedOf((_subject: Certificate) => new WeakMap<Certificate, SignatureCheck>());

/**
 * Whether the issuer's key made the subject's signature, at whatever time.
 * @throws BadCertificate when the algorithm's parameters are malformed
 */
export function signedBy(subject: Certificate, issuer: Certificate): SignatureCheck {
  const checks = checksOf(subject);
  const before = checks.get(issuer);
  if (before !== undefined) return before;
  const { signed, signatureAlgorithm, signature } = subject;
  const check = checkSignature(signed, signatureAlgorithm, signature, issuer.publicKey);
  checks.set(issuer, check);
  return check;
}
