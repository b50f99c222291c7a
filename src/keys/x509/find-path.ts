import type { TrustAnchor } from '../types.js';
import { type NoPath, readChain, searchPaths } from './build-path.js';
import { type Certificate, readCertificate } from './certificate.js';
import { BadCertificate } from './der.js';
import { pathFlaw } from './validate-path.js';

/** Paths that are looked at for one certificate: cross-certificates give a few. */
const MAX_PATHS = 16;

type Found =
  | {
      readonly ok: true;
      readonly path: readonly Uint8Array[];
      readonly revocation: TrustAnchor['revocation'];
    }
  | { readonly ok: false; readonly reason: string };

/** The first path to an anchor in which nothing is wrong. @throws BadCertificate when an anchor can't be read */
export function findPath(
  leaf: Certificate,
  chain: readonly Uint8Array[],
  trusted: readonly TrustAnchor[],
  now: number,
): Found {
  const anchors = trusted.map((anchor) => readAnchor(anchor));
  const search = searchPaths(
    leaf,
    readChain(chain),
    anchors.map((anchor) => anchor.certificate),
  );
  let reason: string | undefined;
  let looked = 0;
  for (const path of search.paths) {
    looked += 1;
    const flaw = flawOf(path, now);
    if (flaw === undefined) {
      const end = path[path.length - 1];
      const anchor = anchors.find((one) => one.certificate === end);
      if (anchor === undefined) break;
      return { ok: true, path: path.map((one) => one.der), revocation: anchor.revocation };
    }
    reason ??= flaw;
    if (looked >= MAX_PATHS) break;
  }
  return { ok: false, reason: reason ?? noPathReason(search.noPath()) };
}

/**
 * Along what revocation of a certificate is asked for that a person vouches for: the path to an anchor, else the
 * certificate with whoever signed it among the anchors and the chain, valid or not: that says nothing about trust, and a
 * revocation that was signed with the same key counts. `pinned`: nobody is known whom to ask.
 * @throws BadCertificate when an anchor can't be read
 */
export function findPinnedPath(
  leaf: Certificate,
  chain: readonly Uint8Array[],
  trusted: readonly TrustAnchor[],
  now: number,
): { readonly path: readonly Uint8Array[]; readonly revocation: TrustAnchor['revocation'] | 'pinned' } {
  const found = findPath(leaf, chain, trusted, now);
  if (found.ok) return { path: found.path, revocation: found.revocation };
  const anchors = trusted.map((anchor) => readAnchor(anchor));
  const issuers = [...anchors.map((anchor) => anchor.certificate), ...readChain(chain)];
  const [first] = searchPaths(leaf, [], issuers).paths;
  if (first === undefined) return { path: [leaf.der], revocation: 'pinned' };
  const issuer = first[first.length - 1];
  const anchor = anchors.find((one) => one.certificate === issuer);
  return { path: first.map((one) => one.der), revocation: anchor?.revocation ?? 'check' };
}

/** A certificate that is malformed spoils its path, not the others. */
function flawOf(path: readonly Certificate[], now: number): string | undefined {
  try {
    return pathFlaw(path, now);
  } catch (thrown) {
    if (thrown instanceof BadCertificate)
      return `malformed: it or a certificate of its path ${thrown.message}`;
    throw thrown;
  }
}

function noPathReason(why: NoPath): string {
  switch (why.why) {
    case 'too-many':
      return 'it came with too many CA certificates to try them all';
    case 'algorithm':
      return `${why.ofLeaf ? 'it' : 'a CA certificate of its path'} is signed with ${why.name}, which is not accepted`;
    case 'wrong-signature':
      return why.ofLeaf
        ? "the certificate's signature does not verify"
        : 'the signature of a CA certificate of its path does not verify';
    case 'no-issuer':
      return 'issued by nobody that is trusted (keys.trust_anchors)';
  }
}

/** Anchors are read once for as long as the configuration holds them. */
const anchorCache = new WeakMap<TrustAnchor, Certificate>();

function readAnchor(anchor: TrustAnchor): {
  readonly certificate: Certificate;
  readonly revocation: TrustAnchor['revocation'];
} {
  let certificate = anchorCache.get(anchor);
  if (certificate === undefined) {
    certificate = readCertificate(anchor.certificate);
    anchorCache.set(anchor, certificate);
  }
  return { certificate, revocation: anchor.revocation };
}
