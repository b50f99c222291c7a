import { type Certificate, readCertificate } from '../x509/certificate.js';
import {
  ANY_EXTENDED_KEY_USAGE,
  EMAIL_PROTECTION,
  extendedKeyUsageOf,
  keyUsageOf,
} from '../x509/extensions.js';
import { expiryFlaw } from '../x509/validity.js';

/** Curves whose ECDSA signatures mail programs verify. */
const CURVES: readonly string[] = ['P-256', 'P-384', 'P-521'];
const MIN_RSA_BITS = 2048;

/**
 * Why a certificate of ours can't sign mail at a time, in words; undefined when it can.
 * @param der a certificate that belongs to one of our private keys
 * @param now epoch milliseconds
 * @throws BadCertificate when it can't be read
 */
export function whyCertificateCannotSign(der: Uint8Array, now: number): string | undefined {
  const certificate = readCertificate(der);
  return whyNotMeantForSigning(certificate) ?? expiryFlaw(certificate, now);
}

function whyNotMeantForSigning(certificate: Certificate): string | undefined {
  const { kind, bits = 0, curve = '', flaw } = certificate.publicKey;
  if (flaw !== undefined) return flaw;
  if (kind !== 'rsa' && (kind !== 'ec' || !CURVES.includes(curve)))
    return 'only RSA, P-256, P-384 and P-521 certificates can sign S/MIME here';
  // RFC 8551 4.2: shorter keys should not be used for signatures.
  if (kind === 'rsa' && bits < MIN_RSA_BITS) return `RSA ${bits} is shorter than ${MIN_RSA_BITS} bits`;
  // RFC 8550 4.4.2: digitalSignature or nonRepudiation, where keyUsage is there at all.
  const usage = keyUsageOf(certificate);
  if (usage !== undefined && !usage.has('digitalSignature') && !usage.has('nonRepudiation'))
    return 'its key usage does not allow signatures';
  // RFC 8550 4.4.4: emailProtection or anyExtendedKeyUsage, where extendedKeyUsage is there at all.
  const purposes = extendedKeyUsageOf(certificate);
  if (purposes !== undefined && !purposes.has(EMAIL_PROTECTION) && !purposes.has(ANY_EXTENDED_KEY_USAGE))
    return 'its extended key usage does not allow mail';
  return undefined;
}
