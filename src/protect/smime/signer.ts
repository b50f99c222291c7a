import { createHash, createPrivateKey, type KeyObject } from 'node:crypto';
import type { SigningKey } from '../../keys/types.js';
import { SealFailed } from '../seal-failed.js';
import { type CertificateParts, readCertificateParts } from './certificate-parts.js';
import { OID } from './oids.js';

/** Digests and signatures used here (RFC 5754; RFC 5753 8 pairs curves with digests). */
export interface SignatureScheme {
  /** In the name of OpenSSL. */
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  /** RFC 8551 3.5.3.2. */
  readonly micalg: 'sha-256' | 'sha-384' | 'sha-512';
  readonly digest: string;
  readonly signature: string;
  /** RSA signatures have NULL parameters, ECDSA none (RFC 5754 3.2, 3.3). */
  readonly parameters: null | undefined;
}

const SHA256 = { hash: 'sha256', micalg: 'sha-256', digest: OID.sha256 } as const;
const RSA: SignatureScheme = { ...SHA256, signature: OID.sha256WithRsa, parameters: null };
const ECDSA: ReadonlyMap<string | undefined, SignatureScheme> = new Map<string, SignatureScheme>([
  ['prime256v1', { ...SHA256, signature: OID.ecdsaWithSha256, parameters: undefined }],
  [
    'secp384r1',
    {
      hash: 'sha384',
      micalg: 'sha-384',
      digest: OID.sha384,
      signature: OID.ecdsaWithSha384,
      parameters: undefined,
    },
  ],
  [
    'secp521r1',
    {
      hash: 'sha512',
      micalg: 'sha-512',
      digest: OID.sha512,
      signature: OID.ecdsaWithSha512,
      parameters: undefined,
    },
  ],
]);

/** A signing key, ready to be used. */
export interface Signer {
  readonly certificate: CertificateParts;
  /** The path upwards without the root: what a verifier may lack (RFC 5652 5.1; RFC 8550 2.3). */
  readonly intermediates: readonly CertificateParts[];
  readonly privateKey: KeyObject;
  readonly scheme: SignatureScheme;
}

/** Longer paths are not followed. */
const MAX_PATH = 10;

/** Keys that were opened last: the same few sign nearly everything, and opening takes longer than signing. */
const opened = new Map<string, Signer>();
const MAX_OPENED = 16;

/**
 * Opens a signing key.
 * @throws SealFailed when it can't be read, doesn't belong to its certificate, or is of a kind that can't be used
 */
export function openSigner(key: Extract<SigningKey, { kind: 'x509' }>): Signer {
  const name = digestOf(key);
  const known = opened.get(name);
  if (known !== undefined) return known;
  const signer = readSigner(key);
  if (opened.size >= MAX_OPENED) {
    const oldest = opened.keys().next();
    if (oldest.done !== true) opened.delete(oldest.value);
  }
  opened.set(name, signer);
  return signer;
}

/** Covers everything that is read, so that nothing stands in for another key, certificate or path. */
function digestOf(key: Extract<SigningKey, { kind: 'x509' }>): string {
  const parts = [key.pkcs8, key.certificate, ...key.chain];
  const hash = createHash('sha256');
  for (const part of parts) hash.update(createHash('sha256').update(part).digest());
  return hash.digest('hex');
}

function readSigner(key: Extract<SigningKey, { kind: 'x509' }>): Signer {
  const certificate = readCertificateParts(key.certificate);
  const privateKey = readPrivateKey(key.pkcs8);
  if (!certificate.x509.checkPrivateKey(privateKey))
    throw new SealFailed('the signing key does not belong to its certificate');
  const scheme =
    privateKey.asymmetricKeyType === 'rsa'
      ? RSA
      : privateKey.asymmetricKeyType === 'ec'
        ? ECDSA.get(privateKey.asymmetricKeyDetails?.namedCurve)
        : undefined;
  if (scheme === undefined)
    throw new SealFailed('S/MIME can sign with RSA, P-256, P-384 and P-521 keys only');
  return { certificate, intermediates: pathWithoutRoot(certificate, key.chain), privateKey, scheme };
}

function readPrivateKey(pkcs8: Uint8Array): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(pkcs8), format: 'der', type: 'pkcs8' });
  } catch {
    // Not even as a cause: what is said of a secret key is nobody's business.
    throw new SealFailed('the signing key could not be read');
  }
}

/** The certificates that lead from the signer upwards, as far as they are there; other ones are not sent along. */
function pathWithoutRoot(
  signer: CertificateParts,
  chain: readonly Uint8Array[],
): readonly CertificateParts[] {
  const others = chain.map(readCertificateParts);
  const path: CertificateParts[] = [];
  for (let below = signer; path.length < MAX_PATH; ) {
    const issuer = others.find(
      (other) =>
        other.subject.equals(below.issuer) &&
        !other.subject.equals(other.issuer) &&
        below.x509.checkIssued(other.x509) &&
        !path.includes(other),
    );
    if (issuer === undefined) break;
    path.push(issuer);
    below = issuer;
  }
  return path;
}
