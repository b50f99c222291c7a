import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { RsaSaPssParams } from '@peculiar/asn1-rsa';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';

/*
 * Certification authorities and certificates for tests: everything that RFC 5280 allows and much that it forbids, so that
 * refusals can be tested. Keys come from node:crypto and are made once for each label.
 */

export type TestKeyType =
  | 'rsa-1024'
  | 'rsa-2048'
  | 'rsa-3072'
  | 'p256'
  | 'p384'
  | 'p521'
  | 'secp256k1'
  | 'ed25519'
  | 'x25519';
export type TestHash = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

export interface TestKeyPair {
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

const KEYS = new Map<string, TestKeyPair>();
const CURVE_NAMES = {
  p256: 'P-256',
  p384: 'P-384',
  p521: 'P-521',
  secp256k1: 'secp256k1',
} as const;

/** A key pair; the same one for the same type and label within a test file. */
export function testKeyPair(type: TestKeyType, label: string): TestKeyPair {
  const name = `${type} ${label}`;
  const known = KEYS.get(name);
  if (known !== undefined) return known;
  const made = newKeyPair(type);
  KEYS.set(name, made);
  return made;
}

function newKeyPair(type: TestKeyType): TestKeyPair {
  switch (type) {
    case 'rsa-1024':
    case 'rsa-2048':
    case 'rsa-3072':
      return generateKeyPairSync('rsa', { modulusLength: Number(type.slice(4)) });
    case 'ed25519':
      return generateKeyPairSync('ed25519');
    case 'x25519':
      return generateKeyPairSync('x25519');
    default:
      return generateKeyPairSync('ec', { namedCurve: CURVE_NAMES[type] });
  }
}

/** What can be said of a certificate to be made; everything has a default that makes it a good one. */
export interface TestCertificateRequest {
  /** The common name; or the whole name. Also the label of its key, so two certificates of one name share it. */
  readonly name?: string | x509.Name;
  readonly keyType?: TestKeyType;
  /** Instead of a key made for the name. */
  readonly keys?: TestKeyPair;
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Extensions in place of the default ones of the same OID, or besides them. */
  readonly extensions?: readonly x509.Extension[];
  /** OIDs of default extensions to leave out. */
  readonly without?: readonly string[];
  readonly hash?: TestHash;
  /** RSA issuers: RSASSA-PSS instead of PKCS#1 v1.5. */
  readonly pss?: boolean;
  readonly version?: x509.Version;
  /** Hex of the serial number, else random. */
  readonly serial?: string;
  /** The inner `signature` field, when it is to differ from the outer one. */
  readonly innerAlgorithm?: x509.AlgorithmIdentifier;
  /** Last say over the parts that are signed. */
  readonly change?: (tbs: x509.TBSCertificate) => void;
}

export interface TestAuthorityRequest extends TestCertificateRequest {
  /** Left out: self-signed. */
  readonly parent?: TestAuthority;
  readonly pathLength?: number;
}

export interface TestLeafRequest extends TestCertificateRequest {
  /** rfc822Names; default `alice@clinic.example`. An empty list makes a certificate without subjectAltName. */
  readonly emails?: readonly string[];
}

export interface TestCertificate {
  readonly certificate: Uint8Array;
  readonly pem: string;
  readonly keys: TestKeyPair;
  readonly subject: x509.Name;
  /** Hex. */
  readonly serial: string;
  /** Upper-case hex SHA-256 of the DER. */
  readonly fingerprint: string;
}

export interface TestAuthority extends TestCertificate {
  readonly key: KeyObject;
  issue(request?: TestLeafRequest): TestCertificate;
}

/** The default validity of everything, with `TEST_NOW` in its middle. */
const NOT_BEFORE = new Date('2025-01-01T00:00:00Z');
const NOT_AFTER = new Date('2035-01-01T00:00:00Z');
/** Epoch milliseconds. */
export const TEST_NOW = Date.parse('2027-06-15T12:00:00Z');

/** A CA; its certificate is signed by itself or by the parent. */
export function makeAuthority(request: TestAuthorityRequest = {}): TestAuthority {
  const name = nameOf(request.name ?? 'Example Root CA');
  const keys = request.keys ?? testKeyPair(request.keyType ?? 'p256', name.label);
  const made = makeCertificate(
    request,
    name.name,
    keys,
    [
      basicConstraints({ ca: true, pathLength: request.pathLength }),
      keyUsage(['keyCertSign', 'cRLSign']),
      subjectKeyIdentifier(keys.publicKey),
      ...(request.parent === undefined ? [] : [authorityKeyIdentifier(request.parent.keys.publicKey)]),
    ],
    request.parent,
  );
  const authority: TestAuthority = {
    ...made,
    key: keys.privateKey,
    issue: (leaf = {}) => issueLeaf(authority, leaf),
  };
  return authority;
}

/** A certificate of a person signed with its own key. */
export function makeSelfSigned(request: TestLeafRequest = {}): TestCertificate {
  return issueLeaf(undefined, request);
}

function issueLeaf(issuer: TestAuthority | undefined, request: TestLeafRequest): TestCertificate {
  const emails = request.emails ?? ['alice@clinic.example'];
  const name = nameOf(request.name ?? 'Alice Example');
  const keyType = request.keyType ?? 'p256';
  const keys = request.keys ?? testKeyPair(keyType, name.label);
  const rsa = keys.publicKey.asymmetricKeyType === 'rsa';
  const defaults = [
    basicConstraints({ ca: false }),
    keyUsage(['digitalSignature', rsa ? 'keyEncipherment' : 'keyAgreement']),
    extendedKeyUsage([x509.id_kp_emailProtection]),
    subjectKeyIdentifier(keys.publicKey),
    ...(issuer === undefined ? [] : [authorityKeyIdentifier(issuer.keys.publicKey)]),
    ...(emails.length === 0 ? [] : [subjectAltName(emails.map((rfc822Name) => ({ rfc822Name })))]),
  ];
  return makeCertificate(request, name.name, keys, defaults, issuer);
}

function makeCertificate(
  request: TestCertificateRequest,
  subject: x509.Name,
  keys: TestKeyPair,
  defaults: readonly x509.Extension[],
  issuer: TestCertificate | undefined,
): TestCertificate {
  const signer = issuer?.keys ?? keys;
  const algorithm = signatureAlgorithmOf(signer.privateKey, request);
  const own = request.extensions ?? [];
  const replaced = new Set([...own.map((one) => one.extnID), ...(request.without ?? [])]);
  const extensions = [...defaults.filter((one) => !replaced.has(one.extnID)), ...own];
  const serial = request.serial ?? `01${randomBytes(15).toString('hex')}`;
  const tbs = new x509.TBSCertificate({
    version: request.version ?? x509.Version.v3,
    serialNumber: exactBuffer(Buffer.from(serial, 'hex')),
    signature: request.innerAlgorithm ?? algorithm,
    issuer: issuer?.subject ?? subject,
    validity: new x509.Validity({
      notBefore: request.notBefore ?? NOT_BEFORE,
      notAfter: request.notAfter ?? NOT_AFTER,
    }),
    subject,
    subjectPublicKeyInfo: AsnConvert.parse(
      keys.publicKey.export({ type: 'spki', format: 'der' }),
      x509.SubjectPublicKeyInfo,
    ),
    ...(extensions.length === 0 ? {} : { extensions: new x509.Extensions([...extensions]) }),
  });
  request.change?.(tbs);
  const signed = signBytes(new Uint8Array(AsnConvert.serialize(tbs)), signer.privateKey, request);
  const certificate = new Uint8Array(
    AsnConvert.serialize(
      new x509.Certificate({
        tbsCertificate: tbs,
        signatureAlgorithm: algorithm,
        signatureValue: exactBuffer(signed),
      }),
    ),
  );
  const fingerprint = createHash('sha256').update(certificate).digest('hex').toUpperCase();
  return { certificate, pem: pemOf(certificate), keys, subject, serial, fingerprint };
}

/** Signs what a CA signs: certificates, CRLs and OCSP answers. */
export function signBytes(
  bytes: Uint8Array,
  key: KeyObject,
  options: { readonly hash?: TestHash; readonly pss?: boolean } = {},
): Buffer {
  if (key.asymmetricKeyType === 'ed25519') return sign(null, bytes, key);
  const hash = options.hash ?? 'sha256';
  // 6: RSA_PKCS1_PSS_PADDING.
  return options.pss === true
    ? sign(hash, bytes, { key, padding: 6, saltLength: HASH_LENGTH[hash] })
    : sign(hash, bytes, key);
}

const HASH_LENGTH = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 } as const;
const HASH_OIDS = {
  md5: '1.2.840.113549.2.5',
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
} as const;
const RSA_OIDS = {
  md5: '1.2.840.113549.1.1.4',
  sha1: '1.2.840.113549.1.1.5',
  sha256: '1.2.840.113549.1.1.11',
  sha384: '1.2.840.113549.1.1.12',
  sha512: '1.2.840.113549.1.1.13',
} as const;
const ECDSA_OIDS = {
  md5: '0.0',
  sha1: '1.2.840.10045.4.1',
  sha256: '1.2.840.10045.4.3.2',
  sha384: '1.2.840.10045.4.3.3',
  sha512: '1.2.840.10045.4.3.4',
} as const;

/** The AlgorithmIdentifier of a signature made with `signBytes`. */
export function signatureAlgorithmOf(
  key: KeyObject,
  options: { readonly hash?: TestHash; readonly pss?: boolean } = {},
): x509.AlgorithmIdentifier {
  const hash = options.hash ?? 'sha256';
  if (key.asymmetricKeyType === 'ed25519') return new x509.AlgorithmIdentifier({ algorithm: '1.3.101.112' });
  if (key.asymmetricKeyType === 'ec') return new x509.AlgorithmIdentifier({ algorithm: ECDSA_OIDS[hash] });
  if (options.pss !== true)
    return new x509.AlgorithmIdentifier({ algorithm: RSA_OIDS[hash], parameters: null });
  const hashAlgorithm = new x509.AlgorithmIdentifier({ algorithm: HASH_OIDS[hash], parameters: null });
  return new x509.AlgorithmIdentifier({
    algorithm: '1.2.840.113549.1.1.10',
    parameters: AsnConvert.serialize(
      new RsaSaPssParams({
        hashAlgorithm,
        maskGenAlgorithm: new x509.AlgorithmIdentifier({
          algorithm: '1.2.840.113549.1.1.8',
          parameters: AsnConvert.serialize(hashAlgorithm),
        }),
        saltLength: HASH_LENGTH[hash],
      }),
    ),
  });
}

/** A name of attributes, e.g. `['2.5.4.10', 'Example Clinic']`; each its own RDN, as UTF8String. */
export function distinguishedName(...attributes: readonly (readonly [string, string])[]): x509.Name {
  return new x509.Name(
    attributes.map(
      ([type, text]) =>
        new x509.RelativeDistinguishedName([
          new x509.AttributeTypeAndValue({
            type,
            // RFC 5280 4.1.2.4: countryName is a PrintableString; emailAddress and domainComponent are IA5Strings.
            value: new x509.AttributeValue(
              type === '2.5.4.6'
                ? { printableString: text }
                : type === '1.2.840.113549.1.9.1' || type === '0.9.2342.19200300.100.1.25'
                  ? { ia5String: text }
                  : { utf8String: text },
            ),
          }),
        ]),
    ),
  );
}

function nameOf(name: string | x509.Name): { readonly name: x509.Name; readonly label: string } {
  if (typeof name === 'string') return { name: distinguishedName(['2.5.4.3', name]), label: name };
  return { name, label: Buffer.from(AsnConvert.serialize(name)).toString('hex') };
}

/** Any extension; the value is an ASN.1 object or its DER. */
export function extension(extnID: string, value: object, critical = false): x509.Extension {
  const der = value instanceof Uint8Array ? exactBuffer(value) : AsnConvert.serialize(value);
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(der) });
}

export function basicConstraints(options: {
  readonly ca: boolean;
  readonly pathLength?: number | undefined;
}): x509.Extension {
  const value = new x509.BasicConstraints({
    cA: options.ca,
    ...(options.pathLength === undefined ? {} : { pathLenConstraint: options.pathLength }),
  });
  return extension(x509.id_ce_basicConstraints, value, true);
}

export function keyUsage(usages: readonly (keyof typeof x509.KeyUsageFlags)[]): x509.Extension {
  const flags = usages.reduce((sum, usage) => sum | x509.KeyUsageFlags[usage], 0);
  return extension(x509.id_ce_keyUsage, new x509.KeyUsage(flags), true);
}

export function extendedKeyUsage(purposes: readonly string[], critical = false): x509.Extension {
  return extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([...purposes]), critical);
}

export function subjectAltName(
  names: readonly Partial<x509.GeneralName>[],
  critical = false,
): x509.Extension {
  const value = new x509.SubjectAlternativeName(names.map((one) => new x509.GeneralName(one)));
  return extension(x509.id_ce_subjectAltName, value, critical);
}

/** A SmtpUTF8Mailbox name (RFC 9598 3). */
export function smtpUtf8Mailbox(text: string): Partial<x509.GeneralName> {
  const value = Buffer.from(text);
  return {
    otherName: new x509.OtherName({
      typeId: '1.3.6.1.5.5.7.8.9',
      value: exactBuffer(Buffer.concat([Buffer.from([0x0c, value.length]), value])),
    }),
  };
}

export function nameConstraints(
  trees: {
    readonly permitted?: readonly Partial<x509.GeneralName>[];
    readonly excluded?: readonly Partial<x509.GeneralName>[];
  },
  critical = true,
): x509.Extension {
  const subtrees = (names: readonly Partial<x509.GeneralName>[]) =>
    new x509.GeneralSubtrees(
      names.map((one) => new x509.GeneralSubtree({ base: new x509.GeneralName(one) })),
    );
  const value = new x509.NameConstraints({
    ...(trees.permitted === undefined ? {} : { permittedSubtrees: subtrees(trees.permitted) }),
    ...(trees.excluded === undefined ? {} : { excludedSubtrees: subtrees(trees.excluded) }),
  });
  return extension(x509.id_ce_nameConstraints, value, critical);
}

export function certificatePolicies(oids: readonly string[], critical = false): x509.Extension {
  const value = new x509.CertificatePolicies(
    oids.map((policyIdentifier) => new x509.PolicyInformation({ policyIdentifier })),
  );
  return extension(x509.id_ce_certificatePolicies, value, critical);
}

export function policyMappings(pairs: readonly (readonly [string, string])[]): x509.Extension {
  const value = new x509.PolicyMappings(
    pairs.map(([issuer, subject]) => {
      const mapping = new x509.PolicyMapping();
      mapping.issuerDomainPolicy = issuer;
      mapping.subjectDomainPolicy = subject;
      return mapping;
    }),
  );
  return extension(x509.id_ce_policyMappings, value, true);
}

export function policyConstraints(options: {
  readonly requireExplicitPolicy?: number;
  readonly inhibitPolicyMapping?: number;
}): x509.Extension {
  const number = (value: number) => exactBuffer(Buffer.from([value]));
  const value = new x509.PolicyConstraints({
    ...(options.requireExplicitPolicy === undefined
      ? {}
      : { requireExplicitPolicy: number(options.requireExplicitPolicy) }),
    ...(options.inhibitPolicyMapping === undefined
      ? {}
      : { inhibitPolicyMapping: number(options.inhibitPolicyMapping) }),
  });
  return extension(x509.id_ce_policyConstraints, value, true);
}

export function inhibitAnyPolicy(skip: number): x509.Extension {
  return extension(x509.id_ce_inhibitAnyPolicy, Buffer.from([2, 1, skip]), true);
}

export function crlDistributionPoints(urls: readonly string[]): x509.Extension {
  const value = new x509.CRLDistributionPoints(
    urls.map(
      (url) =>
        new x509.DistributionPoint({
          distributionPoint: new x509.DistributionPointName({
            fullName: [new x509.GeneralName({ uniformResourceIdentifier: url })],
          }),
        }),
    ),
  );
  return extension(x509.id_ce_cRLDistributionPoints, value);
}

/** Where OCSP answers (RFC 6960) and issuers' certificates are to be had. */
export function authorityInfoAccess(urls: {
  readonly ocsp?: readonly string[];
  readonly issuers?: readonly string[];
}): x509.Extension {
  const entries = (accessMethod: string, list: readonly string[] = []) =>
    list.map(
      (url) =>
        new x509.AccessDescription({
          accessMethod,
          accessLocation: new x509.GeneralName({ uniformResourceIdentifier: url }),
        }),
    );
  return extension(
    x509.id_pe_authorityInfoAccess,
    new x509.AuthorityInfoAccessSyntax([
      ...entries(x509.id_ad_ocsp, urls.ocsp),
      ...entries(x509.id_ad_caIssuers, urls.issuers),
    ]),
  );
}

/** SHA-1 of the key's bit string, RFC 5280 4.2.1.2 (1). */
export function keyIdentifier(key: KeyObject): Buffer {
  const info = AsnConvert.parse(key.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo);
  return createHash('sha1').update(new Uint8Array(info.subjectPublicKey)).digest();
}

export function subjectKeyIdentifier(key: KeyObject): x509.Extension {
  return extension(
    x509.id_ce_subjectKeyIdentifier,
    new x509.SubjectKeyIdentifier(exactBuffer(keyIdentifier(key))),
  );
}

export function authorityKeyIdentifier(key: KeyObject): x509.Extension {
  return extension(
    x509.id_ce_authorityKeyIdentifier,
    new x509.AuthorityKeyIdentifier({
      keyIdentifier: new x509.KeyIdentifier(exactBuffer(keyIdentifier(key))),
    }),
  );
}

export function pemOf(der: Uint8Array, label = 'CERTIFICATE'): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
