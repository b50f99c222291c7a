import { createHash } from 'node:crypto';
import type { Certificate } from '../x509/certificate.js';
import { extendedKeyUsageOf, keyUsageOf } from '../x509/extensions.js';
import type { OcspResponse } from './ocsp-response.js';
import { isSignedBy, keyBitsOf } from './signed.js';

/** Who signed an answer, with the CA's authority. */
export type Responder =
  /** The CA that issued the certificate in question. */
  | { readonly kind: 'ca' }
  /** A responder that the CA named by a certificate, which itself may have been revoked. */
  | { readonly kind: 'delegated'; readonly certificate: Certificate; readonly noCheck: boolean };

const ID_KP_OCSP_SIGNING = '1.3.6.1.5.5.7.3.9';
const ID_PKIX_OCSP_NOCHECK = '1.3.6.1.5.5.7.48.1.5';
/**
 * Key usage, basic constraints, extended key usage, alternative name, policies, which say nothing more to us, and
 * nocheck. Name constraints and policy constraints have no place in it.
 */
const KNOWN = new Set([
  '2.5.29.15',
  '2.5.29.19',
  '2.5.29.37',
  '2.5.29.17',
  '2.5.29.32',
  ID_PKIX_OCSP_NOCHECK,
]);

/**
 * Who signed the answer, if that is somebody who may (RFC 6960 3.2 items 2 to 4, and 4.2.2.2): the CA itself, or a
 * certificate that this very CA issued for signing OCSP answers. Nobody else, whatever else is configured or trusted.
 * @param now epoch milliseconds
 * @throws BadCertificate
 */
export async function responderOf(
  response: OcspResponse,
  ca: Certificate,
  now: number,
): Promise<Responder | undefined> {
  if (isNamed(response, ca) && (await isSignedBy(response, ca.publicKey))) return { kind: 'ca' };
  for (const certificate of response.certificates) {
    if (!isNamed(response, certificate) || !isDelegated(certificate, ca, now)) continue;
    if (
      !(await isSignedBy(certificate, ca.publicKey)) ||
      !(await isSignedBy(response, certificate.publicKey))
    )
      continue;
    return { kind: 'delegated', certificate, noCheck: certificate.extensions.has(ID_PKIX_OCSP_NOCHECK) };
  }
  return undefined;
}

function isNamed({ responder }: OcspResponse, certificate: Certificate): boolean {
  if ('name' in responder) return responder.name.key === certificate.subject.key;
  // RFC 6960 4.2.1: KeyHash is SHA-1 of the key without tag, length and unused bits.
  return Buffer.compare(createHash('sha1').update(keyBitsOf(certificate)).digest(), responder.keyHash) === 0;
}

/** What the certificate itself says; its signature is still to be checked. */
function isDelegated(certificate: Certificate, ca: Certificate, now: number): boolean {
  return (
    certificate.issuer.key === ca.subject.key &&
    extendedKeyUsageOf(certificate)?.has(ID_KP_OCSP_SIGNING) === true &&
    keyUsageOf(certificate)?.has('digitalSignature') !== false &&
    certificate.notBefore <= now &&
    now <= certificate.notAfter &&
    [...certificate.extensions].every(([oid, { critical }]) => !critical || KNOWN.has(oid))
  );
}
