import type { Certificate } from './certificate.js';
import { isSelfIssued } from './certificate.js';
import {
  ANY_EXTENDED_KEY_USAGE,
  basicConstraintsOf,
  EMAIL_PROTECTION,
  extendedKeyUsageOf,
  keyUsageOf,
  nameConstraintsOf,
  policyConstraintsOf,
  unknownCritical,
} from './extensions.js';
import { namesAreConstrained, startNameConstraints } from './name-constraints.js';
import { startPolicies } from './policies.js';
import { expiryFlaw } from './validity.js';

/** RSA keys of CAs have at least this many bits (RFC 8550 4.3), whatever is asked of recipients' keys. */
const MIN_CA_RSA_BITS = 2048;

/**
 * RFC 5280 6.1 for a path whose signatures were found to hold when it was built. Beyond it: the anchor's own validity,
 * path length, name constraints and key usages count too (as in RFC 5937), and CAs with an extendedKeyUsage must have one
 * for mail.
 *
 * @param path leaf first, anchor last; two certificates or more
 * @returns what is wrong; undefined when nothing is
 * @throws BadCertificate when an extension can't be read
 */
export function pathFlaw(path: readonly Certificate[], now: number): string | undefined {
  const names = startNameConstraints();
  const policies = startPolicies(path.length - 1);
  // 6.1.2 (k): certificates that may still follow, self-issued ones not counted.
  let room = path.length;
  for (let index = path.length - 1; index >= 0; index -= 1) {
    const certificate = path[index];
    if (certificate === undefined) return 'its path is broken';
    const isAnchor = index === path.length - 1;
    const isLeaf = index === 0;
    if (!isLeaf) {
      const flaw = authorityFlaw(certificate, isAnchor, now);
      if (flaw !== undefined) return flaw;
    }
    if (!isAnchor) {
      // 6.1.3 (b), (c).
      if (namesAreConstrained(certificate, isLeaf)) {
        const check = names.check(certificate);
        if (!check.ok) return check.reason;
      }
      // 6.1.3 (d) to (f).
      policies.step(certificate, isLeaf);
      if (!policies.holds()) return 'its CAs demand a certificate policy that it does not have';
    }
    if (isLeaf) return undefined;
    // 6.1.4 (g).
    const constraints = nameConstraintsOf(certificate);
    if (constraints !== undefined) names.add(constraints);
    // 6.1.4 (l), (m).
    if (!isAnchor && !isSelfIssued(certificate)) {
      if (room === 0) return 'the path length that its CAs allow is exceeded';
      room -= 1;
    }
    room = Math.min(room, basicConstraintsOf(certificate).pathLength ?? room);
    if (isAnchor && policyConstraintsOf(certificate).requireExplicitPolicy !== undefined)
      return 'its trust anchor demands certificate policies, which is not supported';
  }
  return undefined;
}

/** What every CA certificate must be (6.1.3 (a) (2), 6.1.4 (k), (n), (o)). */
function authorityFlaw(ca: Certificate, isAnchor: boolean, now: number): string | undefined {
  const who = isAnchor ? 'its trust anchor' : 'a CA certificate of its path';
  const expiry = expiryFlaw(ca, now);
  if (expiry !== undefined) return `${who} ${expiry.startsWith('not') ? 'is ' : ''}${expiry}`;
  if (ca.version !== 3) return `${who} is not of version 3`;
  if (unknownCritical(ca) !== undefined) return `${who} has a critical extension that is not supported`;
  if (!basicConstraintsOf(ca).ca) return `${who} is not a CA certificate`;
  if (keyUsageOf(ca)?.has('keyCertSign') === false)
    return `keyUsage of ${who} does not allow to sign certificates`;
  const purposes = extendedKeyUsageOf(ca);
  if (purposes !== undefined && !purposes.has(EMAIL_PROTECTION) && !purposes.has(ANY_EXTENDED_KEY_USAGE))
    return `extendedKeyUsage of ${who} does not allow e-mail protection`;
  if (ca.publicKey.bits !== undefined && ca.publicKey.bits < MIN_CA_RSA_BITS)
    return `${who} has a key of RSA ${ca.publicKey.bits}, shorter than ${MIN_CA_RSA_BITS} bits`;
  if (ca.publicKey.flaw !== undefined) return `the key of ${who} is unsound: ${ca.publicKey.flaw}`;
  return undefined;
}
