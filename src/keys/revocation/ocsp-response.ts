import { type Certificate, readAlgorithm, readCertificate, readTime } from '../x509/certificate.js';
import {
  BadCertificate,
  context,
  contextConstructed,
  type DerNode,
  expectTag,
  fieldsOf,
  oidOf,
  readDer,
  TAG,
  wholeBits,
} from '../x509/der.js';
import { type DistinguishedName, readName } from '../x509/distinguished-name.js';
import { readExtensions } from './extensions.js';
import type { Period } from './finding.js';
import type { Signed } from './signed.js';

/** What a responder says of one certificate (RFC 6960 4.2.1). */
export interface SingleResponse extends Period {
  /** OID of the hash that both hashes are made with. */
  readonly hash: string;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  /** Upper-case hex. */
  readonly serial: string;
  readonly status: 'good' | 'unknown' | { readonly revokedAt: number; readonly reason?: number };
}

export interface OcspResponse extends Signed {
  readonly responder: { readonly name: DistinguishedName } | { readonly keyHash: Uint8Array };
  readonly answers: readonly SingleResponse[];
  /** Certificates that came with it; those that can't be read are left out. */
  readonly certificates: readonly Certificate[];
  /** It has a critical extension, none of which is known here. */
  readonly unknownCritical: boolean;
}

const ENUMERATED = 0x0a;
const ID_PKIX_OCSP_BASIC = '1.3.6.1.5.5.7.48.1.1';
/** OCSPResponseStatus but `successful`. */
const REFUSALS: Readonly<Record<number, string>> = {
  1: 'malformedRequest',
  2: 'internalError',
  3: 'tryLater',
  5: 'sigRequired',
  6: 'unauthorized',
};
const MAX_CERTIFICATES = 10;
const MAX_ANSWERS = 100;

/** @returns the basic response, or the name of the status with which the responder refused @throws BadCertificate */
export function readOcspResponse(bytes: Uint8Array): OcspResponse | string {
  const outer = fieldsOf(readDer(bytes));
  const status = outer.take(ENUMERATED).content[0] ?? -1;
  const wrapper = outer.maybe(contextConstructed(0));
  outer.end();
  if (status !== 0) return REFUSALS[status] ?? 'an unknown status';
  const fields = fieldsOf(onlyChild(wrapper));
  if (oidOf(fields.take(TAG.oid)) !== ID_PKIX_OCSP_BASIC) return 'an unknown kind of answer';
  const basic = fields.take(TAG.octetString).content;
  fields.end();
  return readBasic(basic);
}

function readBasic(bytes: Uint8Array): OcspResponse {
  const outer = fieldsOf(readDer(bytes));
  const data = outer.take(TAG.sequence);
  const algorithm = outer.take(TAG.sequence);
  const signature = wholeBits(outer.take(TAG.bitString));
  const certificates = outer.maybe(contextConstructed(0));
  outer.end();
  const fields = fieldsOf(data);
  fields.maybe(contextConstructed(0));
  const byName = fields.maybe(contextConstructed(1));
  const responder =
    byName === undefined
      ? { keyHash: expectTag(onlyChild(fields.take(contextConstructed(2))), TAG.octetString).content }
      : { name: readName(onlyChild(byName)) };
  fields.take(TAG.generalizedTime);
  const singles = fields.take(TAG.sequence).children;
  const extensions = fields.maybe(contextConstructed(1));
  fields.end();
  if (singles.length > MAX_ANSWERS) throw new BadCertificate('has too many parts');
  const read = singles.map(readSingle);
  return {
    signed: data.bytes,
    signatureAlgorithm: readAlgorithm(algorithm),
    signature,
    responder,
    answers: read.map((one) => one.answer),
    certificates: certificates === undefined ? [] : readable(onlyChild(certificates)),
    unknownCritical: hasCritical(extensions) || read.some((one) => one.critical),
  };
}

function readSingle(node: DerNode): { readonly answer: SingleResponse; readonly critical: boolean } {
  const fields = fieldsOf(node);
  const id = fieldsOf(fields.take(TAG.sequence));
  const hash = readAlgorithm(id.take(TAG.sequence)).oid;
  const issuerNameHash = id.take(TAG.octetString).content;
  const issuerKeyHash = id.take(TAG.octetString).content;
  const serial = Buffer.from(id.take(TAG.integer).content).toString('hex').toUpperCase();
  id.end();
  const status = readStatus(fields.takeAny());
  const thisUpdate = readTime(fields.take(TAG.generalizedTime));
  const nextUpdate = fields.maybe(contextConstructed(0));
  const extensions = fields.maybe(contextConstructed(1));
  fields.end();
  return {
    answer: {
      hash,
      issuerNameHash,
      issuerKeyHash,
      serial,
      status,
      thisUpdate,
      ...(nextUpdate === undefined ? {} : { nextUpdate: readTime(onlyChild(nextUpdate)) }),
    },
    critical: hasCritical(extensions),
  };
}

/** CertStatus: only what is expressly good is good. */
function readStatus(node: DerNode): SingleResponse['status'] {
  if (node.tag === context(0) && node.content.length === 0) return 'good';
  if (node.tag === context(2) && node.content.length === 0) return 'unknown';
  const fields = fieldsOf(node, contextConstructed(1));
  const revokedAt = readTime(fields.take(TAG.generalizedTime));
  const wrapper = fields.maybe(contextConstructed(0));
  fields.end();
  const reason = wrapper === undefined ? undefined : expectTag(onlyChild(wrapper), ENUMERATED).content[0];
  return { revokedAt, ...(reason === undefined ? {} : { reason }) };
}

function hasCritical(wrapper: DerNode | undefined): boolean {
  return wrapper !== undefined && readExtensions(onlyChild(wrapper)).some((one) => one.critical);
}

/** A certificate that can't be read authorises nobody, and need not hinder the others. */
function readable(list: DerNode): readonly Certificate[] {
  return expectTag(list, TAG.sequence)
    .children.slice(0, MAX_CERTIFICATES)
    .flatMap((node) => {
      try {
        return [readCertificate(node.bytes)];
      } catch (error) {
        if (error instanceof BadCertificate) return [];
        throw error;
      }
    });
}

function onlyChild(node: DerNode | undefined): DerNode {
  const [child, ...more] = node?.children ?? [];
  if (child === undefined || more.length > 0) throw new BadCertificate('is not an OCSP answer');
  return child;
}
