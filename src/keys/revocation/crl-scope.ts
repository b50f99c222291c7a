import type { Certificate } from '../x509/certificate.js';
import { contextConstructed, type DerNode } from '../x509/der.js';
import { readName } from '../x509/distinguished-name.js';
import { basicConstraintsOf } from '../x509/extensions.js';
import type { Crl } from './crl.js';
import type { DistributionPoint } from './pointers.js';

/** The reasons of ReasonFlags but `unused` (RFC 5280 4.2.1.13): keyCompromise to aACompromise. */
export const ALL_REASONS = 0b1_1111_1110;

export type Scope =
  /** Reasons for which it would list the certificate; a certificate is good when all of them are covered. */
  { readonly reasons: number } | { readonly reasons: 0; readonly why: string };

/**
 * For which reasons a CRL from this distribution point speaks of the certificate (RFC 5280 6.3.3 (b) and (d)).
 * @throws BadCertificate
 */
export function scopeOf(crl: Crl, from: DistributionPoint, certificate: Certificate): Scope {
  const none = (why: string): Scope => ({ reasons: 0, why });
  if (crl.unknownCritical) return none('it has a critical extension that is not known');
  if (crl.isDelta) return none('it lists changes only (delta CRL)');
  const { point } = crl;
  // (b) (1): where somebody else than the CA is to sign, the CRL must be an indirect one.
  if (from.crlIssuer !== undefined && point?.indirect !== true)
    return none('it is not an indirect one, as the certificate says');
  if (point !== undefined) {
    // (b) (2) (i): one of its names must be one of the distribution point's, or of its CRL issuer's.
    const wanted = from.names.length > 0 ? from.names : (from.crlIssuer ?? []);
    if (point.names !== undefined && !point.names.some((name) => wanted.some((other) => isSame(name, other))))
      return none('it is meant for another distribution point');
    // (b) (2) (ii) to (iv).
    const ca = basicConstraintsOf(certificate).ca;
    if ((point.userOnly && ca) || (point.caOnly && !ca) || point.attributeOnly)
      return none('it is meant for other kinds of certificate');
  }
  // (d).
  const reasons = (from.reasons ?? ALL_REASONS) & (point?.reasons ?? ALL_REASONS) & ALL_REASONS;
  return { reasons };
}

/** Whether the CA itself is to sign the CRL; a CRL issuer of its own is not supported. @throws BadCertificate */
export function isSignedByCa(from: DistributionPoint, ca: Certificate): boolean {
  if (from.crlIssuer === undefined) return true;
  return from.crlIssuer.some((name) => {
    const [inner] = name.tag === contextConstructed(4) ? name.children : [];
    return inner !== undefined && readName(inner).key === ca.subject.key;
  });
}

function isSame(one: DerNode, other: DerNode): boolean {
  return Buffer.compare(one.bytes, other.bytes) === 0;
}
