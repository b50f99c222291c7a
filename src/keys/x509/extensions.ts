import type { Certificate } from './certificate.js';
import {
  BadCertificate,
  context,
  contextConstructed,
  type DerNode,
  expectTag,
  fieldsOf,
  oidOf,
  readDer,
  smallInteger,
  TAG,
} from './der.js';
import { type GeneralName, readGeneralName, readGeneralNames } from './general-name.js';

/** OIDs of the extensions that are read here. */
export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  nameConstraints: '2.5.29.30',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
  smimeCapabilities: '1.2.840.113549.1.9.15',
} as const;

export const ANY_POLICY = '2.5.29.32.0';
export const EMAIL_PROTECTION = '1.3.6.1.5.5.7.3.4';
export const ANY_EXTENDED_KEY_USAGE = '2.5.29.37.0';

/** RFC 5280 4.2: the first critical extension that is not processed here, if there is one. */
export function unknownCritical(certificate: Certificate): string | undefined {
  const known: ReadonlySet<string> = new Set(Object.values(EXTENSION));
  for (const [oid, extension] of certificate.extensions)
    if (extension.critical && !known.has(oid)) return oid;
  return undefined;
}

function extensionValue(certificate: Certificate, oid: string): DerNode | undefined {
  const extension = certificate.extensions.get(oid);
  return extension === undefined ? undefined : readDer(extension.value);
}

export interface BasicConstraints {
  readonly ca: boolean;
  readonly pathLength?: number;
}

/** RFC 5280 4.2.1.9; without the extension: not a CA. @throws BadCertificate */
export function basicConstraintsOf(certificate: Certificate): BasicConstraints {
  const node = extensionValue(certificate, EXTENSION.basicConstraints);
  if (node === undefined) return { ca: false };
  const fields = fieldsOf(node);
  const ca = fields.maybe(TAG.boolean)?.content[0] === 0xff;
  const length = fields.maybe(TAG.integer);
  fields.end();
  return length === undefined ? { ca } : { ca, pathLength: smallInteger(length) };
}

const KEY_USAGES = [
  'digitalSignature',
  'nonRepudiation',
  'keyEncipherment',
  'dataEncipherment',
  'keyAgreement',
  'keyCertSign',
  'cRLSign',
  'encipherOnly',
  'decipherOnly',
] as const;
export type KeyUsage = (typeof KEY_USAGES)[number];

/** RFC 5280 4.2.1.3; undefined without the extension, which then restricts nothing. @throws BadCertificate */
export function keyUsageOf(certificate: Certificate): ReadonlySet<KeyUsage> | undefined {
  const node = extensionValue(certificate, EXTENSION.keyUsage);
  if (node === undefined) return undefined;
  const octets = expectTag(node, TAG.bitString).content.subarray(1);
  return new Set(KEY_USAGES.filter((_, bit) => ((octets[bit >> 3] ?? 0) & (0x80 >> (bit & 7))) !== 0));
}

/** RFC 5280 4.2.1.12. @throws BadCertificate */
export function extendedKeyUsageOf(certificate: Certificate): ReadonlySet<string> | undefined {
  const node = extensionValue(certificate, EXTENSION.extKeyUsage);
  if (node === undefined) return undefined;
  return new Set(expectTag(node, TAG.sequence).children.map((child) => oidOf(child)));
}

/** RFC 5280 4.2.1.6. @throws BadCertificate */
export function subjectAltNamesOf(certificate: Certificate): readonly GeneralName[] {
  const node = extensionValue(certificate, EXTENSION.subjectAltName);
  return node === undefined ? [] : readGeneralNames(node);
}

export interface NameConstraints {
  readonly permitted: readonly GeneralName[];
  readonly excluded: readonly GeneralName[];
}

/** RFC 5280 4.2.1.10. @throws BadCertificate */
export function nameConstraintsOf(certificate: Certificate): NameConstraints | undefined {
  const node = extensionValue(certificate, EXTENSION.nameConstraints);
  if (node === undefined) return undefined;
  const fields = fieldsOf(node);
  const permitted = (fields.maybe(contextConstructed(0))?.children ?? []).map(subtree);
  const excluded = (fields.maybe(contextConstructed(1))?.children ?? []).map(subtree);
  fields.end();
  return { permitted, excluded };
}

function subtree(node: DerNode): GeneralName {
  const fields = fieldsOf(node);
  const base = readGeneralName(fields.takeAny());
  const minimum = fields.maybe(context(0));
  // RFC 5280 4.2.1.10: minimum is zero, maximum is absent; what others would mean is nowhere said.
  if (minimum !== undefined && smallInteger(minimum, context(0)) !== 0)
    throw new BadCertificate('has a name constraint of a kind that is not known');
  fields.end();
  return base;
}

/** Policy OIDs (RFC 5280 4.2.1.4); undefined without the extension. @throws BadCertificate */
export function policiesOf(certificate: Certificate): ReadonlySet<string> | undefined {
  const node = extensionValue(certificate, EXTENSION.certificatePolicies);
  if (node === undefined) return undefined;
  const oids = expectTag(node, TAG.sequence).children.map((one) => oidOf(fieldsOf(one).take(TAG.oid)));
  if (new Set(oids).size !== oids.length) throw new BadCertificate('has a policy twice');
  return new Set(oids);
}

/** Pairs of issuer's and subject's policy (RFC 5280 4.2.1.5). @throws BadCertificate */
export function policyMappingsOf(certificate: Certificate): readonly (readonly [string, string])[] {
  const node = extensionValue(certificate, EXTENSION.policyMappings);
  if (node === undefined) return [];
  return expectTag(node, TAG.sequence).children.map((one) => {
    const fields = fieldsOf(one);
    const pair = [oidOf(fields.take(TAG.oid)), oidOf(fields.take(TAG.oid))] as const;
    fields.end();
    return pair;
  });
}

export interface PolicyConstraints {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}

/** RFC 5280 4.2.1.11. @throws BadCertificate */
export function policyConstraintsOf(certificate: Certificate): PolicyConstraints {
  const node = extensionValue(certificate, EXTENSION.policyConstraints);
  if (node === undefined) return {};
  const fields = fieldsOf(node);
  const explicit = fields.maybe(context(0));
  const mapping = fields.maybe(context(1));
  fields.end();
  return {
    ...(explicit === undefined ? {} : { requireExplicitPolicy: smallInteger(explicit, context(0)) }),
    ...(mapping === undefined ? {} : { inhibitPolicyMapping: smallInteger(mapping, context(1)) }),
  };
}

/** RFC 5280 4.2.1.14. @throws BadCertificate */
export function inhibitAnyPolicyOf(certificate: Certificate): number | undefined {
  const node = extensionValue(certificate, EXTENSION.inhibitAnyPolicy);
  return node === undefined ? undefined : smallInteger(node);
}

/** Hex of the key identifier (RFC 5280 4.2.1.2). @throws BadCertificate */
export function subjectKeyIdOf(certificate: Certificate): string | undefined {
  const node = extensionValue(certificate, EXTENSION.subjectKeyIdentifier);
  return node === undefined ? undefined : hex(expectTag(node, TAG.octetString).content);
}

/** Hex of the issuer's key identifier (RFC 5280 4.2.1.1). @throws BadCertificate */
export function authorityKeyIdOf(certificate: Certificate): string | undefined {
  const node = extensionValue(certificate, EXTENSION.authorityKeyIdentifier);
  const id = node === undefined ? undefined : fieldsOf(node).maybe(context(0));
  return id === undefined ? undefined : hex(id.content);
}

/** OIDs of what the owner's mail program can read, best first (RFC 4262, RFC 8551 2.5.2). @throws BadCertificate */
export function smimeCapabilitiesOf(certificate: Certificate): readonly string[] | undefined {
  const node = extensionValue(certificate, EXTENSION.smimeCapabilities);
  if (node === undefined) return undefined;
  return expectTag(node, TAG.sequence).children.map((one) => oidOf(fieldsOf(one).take(TAG.oid)));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
