import type { Certificate } from './certificate.js';
import { BadCertificate } from './der.js';
import { authorityKeyIdOf, subjectKeyIdOf } from './extensions.js';
import { knownCertificate, signedBy } from './known-certificate.js';
import type { SignatureCheck } from './signature.js';

/** Certificates of one path, leaf and anchor included. */
const MAX_DEPTH = 8;
/** Signatures that are tried at most for one leaf: each costs up to some milliseconds. */
const MAX_SIGNATURES = 32;
const MAX_STEPS = 1000;
/** Certificates of a chain that are looked at. */
export const MAX_CHAIN = 64;

/** Why no path was found, most telling first. */
export type NoPath =
  | { readonly why: 'too-many' }
  | { readonly why: 'algorithm'; readonly name: string; readonly ofLeaf: boolean }
  | { readonly why: 'wrong-signature'; readonly ofLeaf: boolean }
  | { readonly why: 'no-issuer' };

export interface PathSearch {
  /** Paths whose signatures hold, leaf first, anchor last, each as it is asked for. */
  readonly paths: Generator<readonly Certificate[], void>;
  /** Once `paths` has ended without one that is good. */
  noPath(): NoPath;
}

/**
 * Searches paths from a leaf to one of the anchors: issuers are found by name (RFC 5280 6.1.3 (a) (4)), those whose key
 * identifier fits first, and taken only when their key made the signature. Loops and cross-certificates are fine: no
 * certificate, and no name with the same key, is taken twice.
 */
export function searchPaths(
  leaf: Certificate,
  chain: readonly Certificate[],
  anchors: readonly Certificate[],
): PathSearch {
  const checks = new Map<string, SignatureCheck>();
  let steps = 0;
  let tooMany = false;
  let failure: NoPath | undefined;

  const signs = (issuer: Certificate, subject: Certificate): boolean => {
    const pair = `${issuer.fingerprint} ${subject.fingerprint}`;
    let check = checks.get(pair);
    if (check === undefined) {
      if (checks.size >= MAX_SIGNATURES) {
        tooMany = true;
        return false;
      }
      check = signedBy(subject, issuer);
      checks.set(pair, check);
    }
    if (check.ok) return true;
    const ofLeaf = subject === leaf;
    if (check.why === 'algorithm') failure = { why: 'algorithm', name: check.name, ofLeaf };
    else failure ??= { why: 'wrong-signature', ofLeaf };
    return false;
  };

  function* walk(path: readonly Certificate[]): Generator<readonly Certificate[], void> {
    const last = path[path.length - 1];
    if (last === undefined) return;
    steps += 1;
    if (steps > MAX_STEPS) {
      tooMany = true;
      return;
    }
    for (const anchor of issuersOf(last, anchors)) {
      if (path.some((one) => one.fingerprint === anchor.fingerprint)) continue;
      if (signs(anchor, last)) yield [...path, anchor];
    }
    // The anchor needs a place too.
    if (path.length >= MAX_DEPTH - 1) return;
    for (const issuer of issuersOf(last, chain)) {
      if (path.some((one) => sameAuthority(one, issuer))) continue;
      if (signs(issuer, last)) yield* walk([...path, issuer]);
    }
  }

  return {
    paths: walk([leaf]),
    noPath: () => (tooMany ? { why: 'too-many' } : (failure ?? { why: 'no-issuer' })),
  };
}

function issuersOf(certificate: Certificate, among: readonly Certificate[]): readonly Certificate[] {
  const named = among.filter((one) => one.subject.key === certificate.issuer.key);
  if (named.length < 2) return named;
  const wanted = hint(() => authorityKeyIdOf(certificate));
  const fits = (one: Certificate): boolean =>
    wanted !== undefined && hint(() => subjectKeyIdOf(one)) === wanted;
  return [...named.filter(fits), ...named.filter((one) => !fits(one))];
}

/** Key identifiers only say where to look first, so a malformed one says nothing. */
function hint(read: () => string | undefined): string | undefined {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof BadCertificate) return undefined;
    throw thrown;
  }
}

function sameAuthority(a: Certificate, b: Certificate): boolean {
  return (
    a.fingerprint === b.fingerprint ||
    (a.subject.key === b.subject.key && Buffer.compare(a.publicKey.spki, b.publicKey.spki) === 0)
  );
}

/** The certificates of a chain that can be read, each once, as many as are looked at. */
export function readChain(chain: readonly Uint8Array[]): readonly Certificate[] {
  const found = new Map<string, Certificate>();
  for (const der of chain.slice(0, MAX_CHAIN)) {
    try {
      const certificate = knownCertificate(der);
      found.set(certificate.fingerprint, certificate);
    } catch (thrown) {
      // One that can't be read can't vouch for anything; others may.
      if (!(thrown instanceof BadCertificate)) throw thrown;
    }
  }
  return [...found.values()];
}
