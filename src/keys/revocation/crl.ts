import { readAlgorithm, readTime } from '../x509/certificate.js';
import {
  BadCertificate,
  context,
  contextConstructed,
  type DerNode,
  fieldsOf,
  readDer,
  TAG,
  wholeBits,
} from '../x509/der.js';
import { type DistinguishedName, readName } from '../x509/distinguished-name.js';
import { readExtensions } from './extensions.js';
import { type Slice, slicesOf } from './extent.js';
import type { Period } from './finding.js';
import { readFlags } from './flags.js';
import { fullNames } from './pointers.js';
import type { Signed } from './signed.js';

/** IssuingDistributionPoint (RFC 5280 5.2.5): which certificates a CRL speaks of. */
export interface IssuingPoint {
  /** undefined: it names no distribution point; empty: it names one relative to its issuer. */
  readonly names?: readonly DerNode[];
  readonly userOnly: boolean;
  readonly caOnly: boolean;
  readonly attributeOnly: boolean;
  readonly indirect: boolean;
  /** Bits of ReasonFlags; absent: all reasons. */
  readonly reasons?: number;
}

/** A CRL (RFC 5280 5.1), read but for its entries; not judged. */
export interface Crl extends Signed, Period {
  readonly issuer: DistinguishedName;
  /** Content of revokedCertificates; empty where nothing is revoked. */
  readonly entries: Uint8Array;
  readonly point?: IssuingPoint;
  readonly isDelta: boolean;
  /** It has a critical extension that isn't known here (RFC 5280 5.2). */
  readonly unknownCritical: boolean;
  /** Bytes. */
  readonly size: number;
}

const DELTA_CRL_INDICATOR = '2.5.29.27';
const ISSUING_DISTRIBUTION_POINT = '2.5.29.28';
/** Those two, CRL number, and what says who the issuer is, which the signature shows better. */
const KNOWN = new Set([
  DELTA_CRL_INDICATOR,
  ISSUING_DISTRIBUTION_POINT,
  '2.5.29.20',
  '2.5.29.35',
  '2.5.29.18',
]);

/**
 * Bytes of each field but the entries. All of this is read before the signature is checked, from whoever answers in the
 * CA's place; the name of a CA fits into a certificate, and real extensions have a few hundred bytes.
 */
const MAX_FIELD = 64 * 1024;

/** @throws BadCertificate */
export function readCrl(bytes: Uint8Array): Crl {
  const [outer, ...behind] = slicesOf(bytes, 2);
  if (outer?.tag !== TAG.sequence || behind.length > 0) throw new BadCertificate('is not a CRL');
  const [tbs, algorithm, signature, ...more] = slicesOf(outer.content, 4);
  if (tbs?.tag !== TAG.sequence || algorithm === undefined || signature === undefined || more.length > 0)
    throw new BadCertificate('is not a CRL');
  const fields = [...slicesOf(tbs.content, 8)];
  const take = (...tags: readonly number[]) => {
    const [next] = fields;
    return next !== undefined && tags.includes(next.tag) ? fields.shift() : undefined;
  };
  const need = (...tags: readonly number[]) => {
    const field = take(...tags);
    if (field === undefined) throw new BadCertificate('is not a CRL');
    return treeOf(field);
  };
  take(TAG.integer);
  // RFC 5280 5.1.1.2: the same algorithm inside and outside; only the inner one is signed.
  if (Buffer.compare(need(TAG.sequence).bytes, algorithm.bytes) !== 0)
    throw new BadCertificate('names two different signature algorithms');
  const issuer = readName(need(TAG.sequence));
  const thisUpdate = readTime(need(TAG.utcTime, TAG.generalizedTime));
  const nextUpdate = take(TAG.utcTime, TAG.generalizedTime);
  const entries = take(TAG.sequence);
  const extensions = take(contextConstructed(0));
  if (fields.length > 0) throw new BadCertificate('is not a CRL');
  return {
    signed: tbs.bytes,
    signatureAlgorithm: readAlgorithm(treeOf(algorithm)),
    signature: wholeBits(treeOf(signature)),
    issuer,
    thisUpdate,
    ...(nextUpdate === undefined ? {} : { nextUpdate: readTime(treeOf(nextUpdate)) }),
    entries: entries?.content ?? new Uint8Array(),
    ...scopeIn(extensions === undefined ? undefined : treeOf(extensions)),
    size: bytes.length,
  };
}

/** @throws BadCertificate */
function treeOf({ bytes }: Slice): DerNode {
  if (bytes.length > MAX_FIELD) throw new BadCertificate('has a field that is too long');
  return readDer(bytes);
}

function scopeIn(wrapper: DerNode | undefined): Pick<Crl, 'point' | 'isDelta' | 'unknownCritical'> {
  const [list] = wrapper?.children ?? [];
  const extensions = list === undefined ? [] : readExtensions(list);
  const point = extensions.find((one) => one.oid === ISSUING_DISTRIBUTION_POINT);
  return {
    ...(point === undefined ? {} : { point: readIssuingPoint(point.value) }),
    isDelta: extensions.some((one) => one.oid === DELTA_CRL_INDICATOR),
    unknownCritical: extensions.some((one) => one.critical && !KNOWN.has(one.oid)),
  };
}

function readIssuingPoint(der: Uint8Array): IssuingPoint {
  const fields = fieldsOf(readDer(der));
  const flag = (number: number) => fields.maybe(context(number))?.content[0] === 0xff;
  const name = fields.maybe(contextConstructed(0));
  const userOnly = flag(1);
  const caOnly = flag(2);
  const reasons = fields.maybe(context(3));
  const indirect = flag(4);
  const attributeOnly = flag(5);
  fields.end();
  return {
    ...(name === undefined ? {} : { names: fullNames(name) }),
    userOnly,
    caOnly,
    attributeOnly,
    indirect,
    ...(reasons === undefined ? {} : { reasons: readFlags(reasons, context(3)) }),
  };
}
