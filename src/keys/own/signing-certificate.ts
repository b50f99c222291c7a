import { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  Certificate,
  ExtendedKeyUsage,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_kp_emailProtection,
  KeyUsage,
  KeyUsageFlags,
} from '@peculiar/asn1-x509';

const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';
const CURVES: ReadonlySet<string> = new Set(['prime256v1', 'secp384r1', 'secp521r1']);
const MIN_RSA_BITS = 2048;

/**
 * Why a certificate of ours can't sign mail at a time, in words; undefined when it can.
 * @param der a certificate that belongs to one of our private keys
 * @param now epoch milliseconds
 */
export function whyCertificateCannotSign(der: Uint8Array, now: number): string | undefined {
  return whyNotMeantForSigning(der) ?? whyNotInTime(new X509Certificate(der), now);
}

/** RFC 5280 4.1.2.5: both ends belong to the time of validity. */
function whyNotInTime(certificate: X509Certificate, now: number): string | undefined {
  const from = Date.parse(certificate.validFrom);
  const to = Date.parse(certificate.validTo);
  // Written so that a date which can't be read counts as wrong.
  if (!(now >= from)) return `not valid before ${day(from)}`;
  if (!(now <= to)) return `expired on ${day(to)}`;
  return undefined;
}

function whyNotMeantForSigning(der: Uint8Array): string | undefined {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = new X509Certificate(der).publicKey;
  // RFC 8551 4.2: shorter keys should not be used for signatures.
  if (type === 'rsa') {
    const bits = details?.modulusLength ?? 0;
    if (bits < MIN_RSA_BITS) return `RSA ${bits} is shorter than ${MIN_RSA_BITS} bits`;
  } else if (type !== 'ec' || !CURVES.has(details?.namedCurve ?? '')) {
    return 'only RSA, P-256, P-384 and P-521 certificates can sign S/MIME here';
  }
  const { extensions = [] } = AsnConvert.parse(der, Certificate).tbsCertificate;
  const extensionOf = (oid: string) => extensions.find((one) => one.extnID === oid)?.extnValue;
  // RFC 8550 4.4.2: digitalSignature or nonRepudiation, where keyUsage is there at all.
  const usage = extensionOf(id_ce_keyUsage);
  if (usage !== undefined) {
    const flags = AsnConvert.parse(usage, KeyUsage).toNumber();
    if ((flags & (KeyUsageFlags.digitalSignature | KeyUsageFlags.nonRepudiation)) === 0)
      return 'its key usage does not allow signatures';
  }
  // RFC 8550 4.4.4: emailProtection or anyExtendedKeyUsage, where extendedKeyUsage is there at all.
  const extended = extensionOf(id_ce_extKeyUsage);
  if (extended !== undefined) {
    const purposes: readonly string[] = AsnConvert.parse(extended, ExtendedKeyUsage);
    if (!purposes.includes(id_kp_emailProtection) && !purposes.includes(ANY_EXTENDED_KEY_USAGE))
      return 'its extended key usage does not allow mail';
  }
  return undefined;
}

function day(at: number): string {
  return Number.isNaN(at) ? 'a date that can’t be read' : new Date(at).toISOString().slice(0, 10);
}
