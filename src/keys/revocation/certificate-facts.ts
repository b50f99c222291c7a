import type { Certificate } from '../x509/certificate.js';
import { fieldsOf, oidOf, readDer, TAG, wholeBits } from '../x509/der.js';
import { readFlags } from './flags.js';

/** RFC 5280 4.2.1.3; bit numbers. */
const KEY_USAGE = { digitalSignature: 0, cRLSign: 6 } as const;

/** Whether the key may be used so: it is said, or there is no keyUsage at all. @throws BadCertificate */
export function mayBeUsedFor(certificate: Certificate, usage: keyof typeof KEY_USAGE): boolean {
  const extension = certificate.extensions.get('2.5.29.15');
  if (extension === undefined) return true;
  return (readFlags(readDer(extension.value), TAG.bitString) & (1 << KEY_USAGE[usage])) !== 0;
}

/** RFC 5280 4.2.1.9. @throws BadCertificate */
export function isCa(certificate: Certificate): boolean {
  const extension = certificate.extensions.get('2.5.29.19');
  if (extension === undefined) return false;
  return fieldsOf(readDer(extension.value)).maybe(TAG.boolean)?.content[0] === 0xff;
}

/** OIDs of its extended key usages (RFC 5280 4.2.1.12). @throws BadCertificate */
export function purposesOf(certificate: Certificate): readonly string[] {
  const extension = certificate.extensions.get('2.5.29.37');
  return extension === undefined ? [] : readDer(extension.value).children.map((one) => oidOf(one));
}

/** Content of subjectPublicKey, which key hashes are made of (RFC 6960 4.1.1). @throws BadCertificate */
export function keyBitsOf(certificate: Certificate): Uint8Array {
  const fields = fieldsOf(readDer(certificate.publicKey.spki));
  fields.take(TAG.sequence);
  return wholeBits(fields.take(TAG.bitString));
}
