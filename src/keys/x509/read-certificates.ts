import type { ReadKey } from '../types.js';
import { mailboxesOf } from './addresses.js';
import { MAX_CHAIN } from './build-path.js';
import { type Certificate, fingerprintOf, readCertificate } from './certificate.js';
import { BadCertificate } from './der.js';
import { basicConstraintsOf } from './extensions.js';
import { hasPem, readPem } from './pem.js';
import { certificatesOfBundle } from './pkcs7.js';

export interface RefusedCertificate {
  readonly reason: string;
  /** Upper-case hex SHA-256, where it is known what was refused. */
  readonly fingerprint?: string;
}

export interface CertificatesRead {
  readonly certificates: readonly ReadKey[];
  readonly refused: readonly RefusedCertificate[];
}

const MAX_FILE = 4 * 1024 * 1024;
const MAX_CERTIFICATES = 2000;

/**
 * Reads certificates from a file or an answer of a directory: PEM (several, with text around), DER, and PKCS#7 bundles of
 * certificates (PEM or DER; BER too, as some CAs send it). CA certificates become the chain of the others. Nothing is
 * judged but whether it can be read. Doesn't throw.
 */
export function readCertificates(bytes: Uint8Array): CertificatesRead {
  if (bytes.length > MAX_FILE) return { certificates: [], refused: [{ reason: 'larger than 4 MB' }] };
  const refused: RefusedCertificate[] = [];
  const found = new Map<string, Certificate>();
  const ders = collect(bytes, refused);
  if (ders.length > MAX_CERTIFICATES) refused.push({ reason: `more than ${MAX_CERTIFICATES} certificates` });
  for (const der of ders.slice(0, MAX_CERTIFICATES)) {
    attempt(refused, der, () => {
      const certificate = readCertificate(der);
      found.set(certificate.fingerprint, certificate);
    });
  }
  const authorities: Certificate[] = [];
  const people: Certificate[] = [];
  for (const certificate of found.values()) {
    attempt(refused, certificate.der, () => {
      (basicConstraintsOf(certificate).ca ? authorities : people).push(certificate);
    });
  }
  if (people.length === 0)
    for (const { fingerprint } of authorities)
      refused.push({ reason: 'a CA certificate; CAs belong into keys.trust_anchors', fingerprint });
  if (authorities.length > MAX_CHAIN) refused.push({ reason: `more than ${MAX_CHAIN} CA certificates` });
  const chain = authorities.slice(0, MAX_CHAIN).map((one) => one.der);
  const certificates: ReadKey[] = [];
  for (const certificate of people)
    attempt(refused, certificate.der, () => certificates.push(toReadKey(certificate, chain)));
  return { certificates, refused };
}

function attempt(refused: RefusedCertificate[], der: Uint8Array, read: () => void): void {
  try {
    read();
  } catch (thrown) {
    if (!(thrown instanceof BadCertificate)) throw thrown;
    refused.push({ reason: `malformed: it ${thrown.message}`, fingerprint: fingerprintOf(der) });
  }
}

/** @throws BadCertificate */
function toReadKey(certificate: Certificate, chain: readonly Uint8Array[]): ReadKey {
  return {
    kind: 'x509',
    fingerprint: certificate.fingerprint,
    addresses: [...new Set(mailboxesOf(certificate).map((mailbox) => mailbox.address))],
    algorithm: certificate.publicKey.label,
    notBefore: certificate.notBefore,
    notAfter: certificate.notAfter,
    material: certificate.der,
    chain,
  };
}

/** The DER of every certificate in the file. */
function collect(bytes: Uint8Array, refused: RefusedCertificate[]): readonly Uint8Array[] {
  if (!hasPem(bytes)) return unpack(bytes, refused);
  const ders: Uint8Array[] = [];
  for (const block of readPem(bytes)) {
    if (block.der === undefined) refused.push({ reason: 'a PEM block that is cut off or not base64' });
    else if (block.label.endsWith('PRIVATE KEY'))
      refused.push({ reason: 'a private key, not a certificate' });
    else if (CERTIFICATE_LABELS.includes(block.label)) ders.push(block.der);
    else if (BUNDLE_LABELS.includes(block.label)) ders.push(...unpack(block.der, refused));
    else refused.push({ reason: 'a PEM block that is neither a certificate nor a PKCS#7 bundle' });
  }
  return ders;
}

/** RFC 7468 5 and 8; the second is an old name. */
const CERTIFICATE_LABELS: readonly string[] = ['CERTIFICATE', 'X509 CERTIFICATE'];
const BUNDLE_LABELS: readonly string[] = ['PKCS7', 'CMS', 'PKCS #7 SIGNED DATA'];

function unpack(bytes: Uint8Array, refused: RefusedCertificate[]): readonly Uint8Array[] {
  try {
    return certificatesOfBundle(bytes) ?? [new Uint8Array(bytes)];
  } catch (thrown) {
    if (!(thrown instanceof BadCertificate)) throw thrown;
    refused.push({ reason: 'neither a certificate nor a bundle of certificates that can be read' });
    return [];
  }
}
