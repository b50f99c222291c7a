import { createHash } from 'node:crypto';
import {
  asciiOf,
  BadCertificate,
  context,
  contextConstructed,
  type DerNode,
  fieldsOf,
  oidOf,
  readDer,
  smallInteger,
  TAG,
  wholeBits,
} from './der.js';
import { type DistinguishedName, readName } from './distinguished-name.js';
import { type PublicKeyInfo, readPublicKeyInfo } from './public-key.js';

/** Longer ones are not read: real ones have 1 to 4 KB. */
export const MAX_CERTIFICATE = 64 * 1024;

export interface AlgorithmIdentifier {
  readonly oid: string;
  readonly parameters?: DerNode;
  /** DER. */
  readonly bytes: Uint8Array;
}

export interface CertificateExtension {
  readonly critical: boolean;
  /** DER of what the extension says; not read yet. */
  readonly value: Uint8Array;
}

/** The fields of a certificate (RFC 5280 4.1), read but not judged. */
export interface Certificate {
  readonly der: Uint8Array;
  /** Upper-case hex SHA-256 of the DER. */
  readonly fingerprint: string;
  /** The bytes that were signed. */
  readonly signed: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Upper-case hex. */
  readonly serial: string;
  readonly signatureAlgorithm: AlgorithmIdentifier;
  readonly signature: Uint8Array;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  /** Epoch milliseconds, inclusive. */
  readonly notBefore: number;
  readonly notAfter: number;
  readonly publicKey: PublicKeyInfo;
  /** By OID. */
  readonly extensions: ReadonlyMap<string, CertificateExtension>;
}

/** @throws BadCertificate */
export function readCertificate(der: Uint8Array): Certificate {
  if (der.length > MAX_CERTIFICATE) throw new BadCertificate('is larger than 64 KB');
  const outer = fieldsOf(readDer(der));
  const tbs = outer.take(TAG.sequence);
  const algorithmNode = outer.take(TAG.sequence);
  const signature = wholeBits(outer.take(TAG.bitString));
  outer.end();

  const fields = fieldsOf(tbs);
  const version = readVersion(fields.maybe(contextConstructed(0)));
  const serial = Buffer.from(fields.take(TAG.integer).content).toString('hex').toUpperCase();
  const innerAlgorithm = fields.take(TAG.sequence);
  // RFC 5280 4.1.1.2: both must be the same; only the inner one is signed.
  if (Buffer.compare(innerAlgorithm.bytes, algorithmNode.bytes) !== 0)
    throw new BadCertificate('names two different signature algorithms');
  const issuer = readName(fields.take(TAG.sequence));
  const validity = fieldsOf(fields.take(TAG.sequence));
  const notBefore = readTime(validity.takeAny());
  const notAfter = readTime(validity.takeAny());
  validity.end();
  const subject = readName(fields.take(TAG.sequence));
  const publicKey = readPublicKeyInfo(fields.take(TAG.sequence));
  // RFC 5280 4.1.2.8: unique identifiers need version 2, and are of no use to anybody.
  const unique = [fields.maybe(context(1)), fields.maybe(context(2))].some((node) => node !== undefined);
  const extensionsNode = fields.maybe(contextConstructed(3));
  fields.end();
  if ((unique && version === 1) || (extensionsNode !== undefined && version !== 3))
    throw new BadCertificate('has parts that its version does not have');
  return {
    der,
    fingerprint: fingerprintOf(der),
    signed: tbs.bytes,
    version,
    serial,
    signatureAlgorithm: readAlgorithm(algorithmNode),
    signature,
    issuer,
    subject,
    notBefore,
    notAfter,
    publicKey,
    extensions: extensionsNode === undefined ? new Map() : readExtensions(extensionsNode),
  };
}

/** Upper-case hex SHA-256. */
export function fingerprintOf(der: Uint8Array): string {
  return createHash('sha256').update(der).digest('hex').toUpperCase();
}

/** Whether its issuer has the name of its subject (RFC 5280 3.2, self-issued). */
export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.issuer.key === certificate.subject.key;
}

/** @throws BadCertificate */
export function readAlgorithm(node: DerNode): AlgorithmIdentifier {
  const fields = fieldsOf(node);
  const oid = oidOf(fields.take(TAG.oid));
  const parameters = node.children.length > 1 ? fields.takeAny() : undefined;
  fields.end();
  return { oid, bytes: node.bytes, ...(parameters === undefined ? {} : { parameters }) };
}

function readVersion(node: DerNode | undefined): 1 | 2 | 3 {
  if (node === undefined) return 1;
  const fields = fieldsOf(node, contextConstructed(0));
  const value = smallInteger(fields.take(TAG.integer));
  fields.end();
  if (value === 2) return 3;
  if (value === 1) return 2;
  // X.690 11.5: the default (version 1) is left out.
  throw new BadCertificate('has a version that is not known');
}

/** RFC 5280 4.1.2.5: always to the second, always UTC. @throws BadCertificate */
export function readTime(node: DerNode): number {
  const text = asciiOf(node.content) ?? '';
  const short = node.tag === TAG.utcTime;
  if (!short && node.tag !== TAG.generalizedTime) throw new BadCertificate('has a date that is malformed');
  const found = (
    short ? /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/ : /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})Z$/
  ).exec(text);
  if (found === null) throw new BadCertificate('has a date that is malformed');
  const [given = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number);
  const year = short ? given + (given >= 50 ? 1900 : 2000) : given;
  const iso = [year.toString().padStart(4, '0'), two(month), two(day)].join('-');
  const time = Date.parse(`${iso}T${two(hour)}:${two(minute)}:${two(second)}Z`);
  // Date.parse takes 24:00 and, for some months, a 31st that isn't there.
  if (Number.isNaN(time) || hour > 23 || new Date(time).getUTCDate() !== day)
    throw new BadCertificate('has a date that is malformed');
  return time;
}

const two = (value: number): string => value.toString().padStart(2, '0');

function readExtensions(node: DerNode): ReadonlyMap<string, CertificateExtension> {
  const wrapper = fieldsOf(node, contextConstructed(3));
  const list = wrapper.take(TAG.sequence);
  wrapper.end();
  const extensions = new Map<string, CertificateExtension>();
  for (const one of list.children) {
    const fields = fieldsOf(one);
    const oid = oidOf(fields.take(TAG.oid));
    const critical = fields.maybe(TAG.boolean)?.content[0] === 0xff;
    const value = fields.take(TAG.octetString).content;
    fields.end();
    // RFC 5280 4.2: no more than one of each.
    if (extensions.has(oid)) throw new BadCertificate('has an extension twice');
    extensions.set(oid, { critical, value });
  }
  return extensions;
}
