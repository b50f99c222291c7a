import type { KeyObject } from 'node:crypto';
import type { X509SealingKey } from '../../keys/types.js';
import { SealFailed } from '../seal-failed.js';
import { type CertificateParts, readCertificateParts } from './certificate-parts.js';

/** A recipient's certificate, ready to encrypt to. */
export type Recipient =
  | { readonly kind: 'rsa'; readonly certificate: CertificateParts; readonly publicKey: KeyObject }
  | {
      readonly kind: 'ec';
      readonly certificate: CertificateParts;
      readonly curve: Curve;
      /** Uncompressed (SEC 1 2.3.3). */
      readonly point: Buffer;
    };

/** In the names of OpenSSL. */
export type Curve = 'prime256v1' | 'secp384r1' | 'secp521r1';

const CURVES: ReadonlyMap<string | undefined, Curve> = new Map([
  ['prime256v1', 'prime256v1'],
  ['secp384r1', 'secp384r1'],
  ['secp521r1', 'secp521r1'],
]);

/** Certificates that were prepared last, so that mail to the same people doesn't read them again. */
const prepared = new Map<string, Recipient>();
const MAX_PREPARED = 256;

/**
 * Reads a recipient's certificate, which was judged usable before.
 * @throws SealFailed when it can't be read, isn't the one that was judged, or its key is of a kind that can't be used
 */
export function prepareRecipient(key: X509SealingKey): Recipient {
  const known = prepared.get(key.fingerprint);
  // A fingerprint is a claim: only the same bytes are the same certificate.
  if (known?.certificate.der.equals(key.certificate) === true) return known;
  const recipient = readRecipient(key);
  if (prepared.size >= MAX_PREPARED) {
    const oldest = prepared.keys().next();
    if (oldest.done !== true) prepared.delete(oldest.value);
  }
  prepared.set(key.fingerprint, recipient);
  return recipient;
}

function readRecipient(key: X509SealingKey): Recipient {
  const certificate = readCertificateParts(key.certificate);
  if (certificate.x509.fingerprint256.replaceAll(':', '') !== key.fingerprint)
    throw new SealFailed('the certificate is not the one that was judged');
  const publicKey = publicKeyOf(certificate);
  if (publicKey.asymmetricKeyType === 'rsa') return { kind: 'rsa', certificate, publicKey };
  const curve = CURVES.get(publicKey.asymmetricKeyDetails?.namedCurve);
  if (publicKey.asymmetricKeyType !== 'ec' || curve === undefined)
    throw new SealFailed('S/MIME can use RSA, P-256, P-384 and P-521 certificates only');
  const { x, y } = publicKey.export({ format: 'jwk' });
  if (typeof x !== 'string' || typeof y !== 'string')
    throw new SealFailed('the public key of the certificate could not be read');
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return { kind: 'ec', certificate, curve, point };
}

function publicKeyOf(certificate: CertificateParts): KeyObject {
  try {
    return certificate.x509.publicKey;
  } catch (cause) {
    throw new SealFailed('the public key of the certificate could not be read', { cause });
  }
}
