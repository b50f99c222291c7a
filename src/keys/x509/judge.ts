import { X509Certificate } from 'node:crypto';
import { parseAddress } from '../../shared/address.js';
import { rememberedOf } from '../../shared/remembered.js';
import type { CertificateVerdict, KeyLimits, TrustAnchor } from '../types.js';
import { mailboxesOf, namedInSubjectOnly, sameMailbox } from './addresses.js';
import type { Certificate } from './certificate.js';
import { BadCertificate } from './der.js';
import {
  ANY_EXTENDED_KEY_USAGE,
  basicConstraintsOf,
  EMAIL_PROTECTION,
  extendedKeyUsageOf,
  keyUsageOf,
  smimeCapabilitiesOf,
  unknownCritical,
} from './extensions.js';
import { findPath, findPinnedPath } from './find-path.js';
import { knownCertificate } from './known-certificate.js';
import { importPublicKey } from './public-key.js';
import { expiryFlaw } from './validity.js';

export interface JudgeOptions {
  readonly anchors: readonly TrustAnchor[];
  /**
   * A person vouches for the certificate: it needs no path. Everything about the certificate itself still holds, and
   * revocation is to be asked for where it is known whom to ask.
   */
  readonly pinned: boolean;
  readonly limits: KeyLimits;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** Curves to which S/MIME messages can be sealed here. */
const SEALING_CURVES: readonly string[] = ['P-256', 'P-384', 'P-521'];

/**
 * Judges whether mail for an address may be sealed to a certificate, but for its revocation, which is to be asked for along
 * the path (RFC 8550, RFC 5280 6.1). Whatever can't be read or isn't understood is a reason against it; it doesn't throw.
 *
 * @param certificate DER
 * @param chain further certificates, DER, in any order, trusted for nothing
 * @param address canonical
 */
export function judgeCertificate(
  certificate: Uint8Array,
  chain: readonly Uint8Array[],
  address: string,
  options: JudgeOptions,
): CertificateVerdict {
  try {
    const leaf = knownCertificate(certificate);
    const flaw = leafFlaw(leaf, address, options);
    if (flaw !== undefined) return { usable: false, reason: flaw };
    const capabilities = smimeCapabilitiesOf(leaf);
    const usable = {
      usable: true,
      algorithm: leaf.publicKey.label,
      sealing: {
        kind: 'x509',
        fingerprint: leaf.fingerprint,
        // A copy: what is remembered must be nobody else's.
        certificate: Uint8Array.from(leaf.der),
        ...(capabilities === undefined ? {} : { capabilities }),
      },
    } as const;
    if (options.pinned) return { ...usable, ...findPinnedPath(leaf, chain, options.anchors, options.now) };
    const found = findPath(leaf, chain, options.anchors, options.now);
    return found.ok
      ? { ...usable, path: found.path, revocation: found.revocation }
      : { usable: false, reason: found.reason };
  } catch (thrown) {
    if (thrown instanceof BadCertificate)
      return { usable: false, reason: `malformed: it or a certificate of its path ${thrown.message}` };
    throw thrown;
  }
}

/** What is wrong with the certificate itself. @throws BadCertificate */
function leafFlaw(leaf: Certificate, address: string, options: JudgeOptions): string | undefined {
  if (leaf.version !== 3) return 'not a certificate of version 3';
  // RFC 5280 4.2: what is critical and not understood forbids the use.
  if (unknownCritical(leaf) !== undefined) return 'has a critical extension that is not supported';
  if (basicConstraintsOf(leaf).ca) return 'a CA certificate, not one of a person';
  return (
    addressFlaw(leaf, address, options.limits) ??
    expiryFlaw(leaf, options.now) ??
    usageFlaw(leaf) ??
    keyFlaw(leaf, options.limits)
  );
}

function addressFlaw(leaf: Certificate, address: string, limits: KeyLimits): string | undefined {
  const wanted = parseAddress(address);
  if (!wanted.ok) return 'this address is not one that a certificate can name';
  if (mailboxesOf(leaf).some((mailbox) => sameMailbox(mailbox, wanted.mailbox, limits.localPart)))
    return undefined;
  return namedInSubjectOnly(leaf, wanted.mailbox)
    ? 'no subjectAltName names this address (the emailAddress of its subject does, which does not count)'
    : 'no subjectAltName names this address';
}

function usageFlaw(leaf: Certificate): string | undefined {
  const usages = keyUsageOf(leaf);
  // RFC 5280 4.2.1.3: without the extension nothing is restricted.
  if (usages !== undefined) {
    if (leaf.publicKey.kind === 'rsa' && !usages.has('keyEncipherment'))
      return 'keyUsage does not allow key encipherment';
    // RFC 5480 3, RFC 8410 5. A key with encipherOnly is for its owner's own sealing, not for opening what others sealed.
    if (leaf.publicKey.kind !== 'rsa' && (!usages.has('keyAgreement') || usages.has('encipherOnly')))
      return 'keyUsage does not allow key agreement';
  }
  const purposes = extendedKeyUsageOf(leaf);
  // RFC 8550 4.4.4.
  if (purposes !== undefined && !purposes.has(EMAIL_PROTECTION) && !purposes.has(ANY_EXTENDED_KEY_USAGE))
    return 'extendedKeyUsage does not allow e-mail protection';
  return undefined;
}

function keyFlaw(leaf: Certificate, limits: KeyLimits): string | undefined {
  const { kind, label, bits, curve, flaw } = leaf.publicKey;
  if (flaw !== undefined) return flaw;
  if (kind === 'rsa') {
    if (bits === undefined || bits < limits.minRsaBits)
      return `${label} is shorter than ${limits.minRsaBits} bits (keys.min_rsa_bits)`;
  } else if (kind === 'ec') {
    if (curve === undefined) return 'its elliptic curve is not supported';
    if (!limits.curves.includes(curve)) return `${curve} is not allowed (keys.curves)`;
    if (!SEALING_CURVES.includes(curve)) return `${curve} is not supported for S/MIME`;
  } else {
    return `${label} keys are not supported for S/MIME`;
  }
  const key = importPublicKey(leaf.publicKey);
  if (key === undefined) return 'its public key is malformed';
  return readsTheSame(leaf) ? undefined : 'malformed: other software would read another certificate in it';
}

/**
 * Sealing reads the certificate through OpenSSL. It must see the same one: Node looks for PEM inside the bytes first, for
 * example.
 */
const readsTheSame = rememberedOf((leaf: Certificate): boolean => {
  try {
    const seen = new X509Certificate(leaf.der);
    const key = seen.publicKey.export({ type: 'spki', format: 'der' });
    const own = importPublicKey(leaf.publicKey)?.export({ type: 'spki', format: 'der' });
    return seen.raw.equals(leaf.der) && own !== undefined && key.equals(own);
  } catch {
    // Not read by OpenSSL at all: could not be sealed to either.
    return false;
  }
});
