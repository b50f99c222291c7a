import type { Certificate } from '../x509/certificate.js';
import { context, contextConstructed, type DerNode, fieldsOf, oidOf, readDer, TAG } from '../x509/der.js';
import { readFlags } from './flags.js';

/** A place where a CRL is, and what it covers (RFC 5280 4.2.1.13). */
export interface DistributionPoint {
  /** http and https URLs. */
  readonly urls: readonly string[];
  /** Its GeneralNames, to be compared with what the CRL says of itself; empty where it has no full name. */
  readonly names: readonly DerNode[];
  /** Bits of ReasonFlags; absent: all reasons. */
  readonly reasons?: number;
  /** The GeneralNames of who signs the CRL, where it says so. */
  readonly crlIssuer?: readonly DerNode[];
}

/** Where a certificate says that its revocation can be found out. */
export interface Pointers {
  /** http and https URLs. */
  readonly ocsp: readonly string[];
  readonly crls: readonly DistributionPoint[];
  /** Whether it has any, also such as are not asked (ldap). */
  readonly any: boolean;
}

const ID_AD_OCSP = '1.3.6.1.5.5.7.48.1';
const URI = context(6);
/** More are not asked: a certificate must not send us around the world. */
const MAX_URLS = 3;
const MAX_POINTS = 8;

/** @throws BadCertificate */
export function pointersOf(certificate: Certificate): Pointers {
  const access = certificate.extensions.get('1.3.6.1.5.5.7.1.1');
  const points = certificate.extensions.get('2.5.29.31');
  // RFC 5280 4.2.2.1, RFC 6960 3.1.
  const ocsp = access === undefined ? [] : readDer(access.value).children.flatMap(ocspLocation);
  const crls = points === undefined ? [] : readDer(points.value).children.map(readPoint);
  return {
    ocsp: ocsp.filter(isWeb).slice(0, MAX_URLS),
    crls: crls.slice(0, MAX_POINTS),
    any: ocsp.length > 0 || crls.length > 0,
  };
}

function ocspLocation(description: DerNode): readonly string[] {
  const fields = fieldsOf(description);
  if (oidOf(fields.take(TAG.oid)) !== ID_AD_OCSP) return [];
  const location = fields.maybe(URI);
  return location === undefined ? [] : [Buffer.from(location.content).toString('latin1')];
}

function readPoint(point: DerNode): DistributionPoint {
  const fields = fieldsOf(point);
  const name = fields.maybe(contextConstructed(0));
  const reasons = fields.maybe(context(1));
  const issuer = fields.maybe(contextConstructed(2));
  fields.end();
  const names = name === undefined ? [] : fullNames(name);
  return {
    urls: names
      .flatMap((one) => (one.tag === URI ? [Buffer.from(one.content).toString('latin1')] : []))
      .filter(isWeb)
      .slice(0, MAX_URLS),
    names,
    ...(reasons === undefined ? {} : { reasons: readFlags(reasons, context(1)) }),
    ...(issuer === undefined ? {} : { crlIssuer: issuer.children }),
  };
}

/** The GeneralNames of a DistributionPointName; none where it is given relative to the issuer of the CRL. */
export function fullNames(wrapper: DerNode): readonly DerNode[] {
  const [choice] = wrapper.children;
  return choice?.tag === contextConstructed(0) ? choice.children : [];
}

function isWeb(url: string): boolean {
  return /^https?:\/\//i.test(url);
}
