import { HASHES } from './algorithms.js';
import type { Certificate, CertifiedUserId, Revocation } from './certificate.js';
import type { PublicKey } from './public-key.js';
import type { Signature } from './signature.js';
import { userIdAddress } from './user-id.js';

/** A day as reasons show it. */
export function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/**
 * The self-signature that governs a part of a key at a time: the newest of those that exist by then (RFC 9580
 * 5.2.3.10). Where that one can't be relied on, the words say why; an older one doesn't step in, because the newer is
 * what the owner said last. The RFC would let it for unknown critical parts and weak hashes; this is stricter.
 */
export function governing(signatures: readonly Signature[], now: number): Signature | string {
  const newest = signatures.find(({ created }) => created <= now);
  if (newest === undefined) {
    const first = signatures[signatures.length - 1];
    return first === undefined ? 'it has no valid self-signature' : `not valid before ${day(first.created)}`;
  }
  return distrust(newest) ?? (expiry(newest) <= now ? expired(newest) : newest);
}

/** What speaks against a signature at any time; undefined when nothing does. */
export function distrust(signature: Signature): string | undefined {
  if (signature.unknownCritical) return 'its self-signature has a critical part that is not understood';
  const hash = HASHES.get(signature.hash);
  return hash?.strong === true
    ? undefined
    : `its self-signature uses ${hash?.name ?? 'an unknown hash'}, which is weak`;
}

function expiry({ created, expires }: Signature): number {
  return expires === 0 ? Number.POSITIVE_INFINITY : created + expires * 1000;
}

function expired(signature: Signature): string {
  return `its self-signature expired on ${day(expiry(signature))}`;
}

/** When a key ends by what a signature says (5.2.3.13), in epoch milliseconds; infinite when it doesn't. */
export function keyEnd(key: PublicKey, { keyExpires }: Signature): number {
  return keyExpires === 0 ? Number.POSITIVE_INFINITY : key.created + keyExpires * 1000;
}

/**
 * Why something is revoked, whenever that was: a date in the future, and an expiry of the revocation itself, help
 * nobody, and "superseded" and "retired" mean not to be encrypted to as much as "compromised".
 */
export function revoked(what: string, revocations: readonly Revocation[]): string | undefined {
  const [first] = [...revocations].sort((a, b) => RANK[a.by] - RANK[b.by]);
  if (first === undefined) return undefined;
  if (first.by === 'self') return `${what} was revoked on ${day(first.signature.created)}`;
  if (first.by === 'designated')
    return `${what} has a revocation of a designated revoker, which cannot be checked`;
  return `${what} carries a revocation that cannot be checked; remove it and import a clean copy`;
}

const RANK = { self: 0, 'self-unverified': 1, designated: 2 } as const;

/**
 * Revocations of a user ID that hold against a certification. One that only says that the user ID is no longer valid
 * (code 32 of 5.2.3.31) gives way to a newer certification (5.2.1.13: it revokes earlier ones); all others stay.
 */
export function userIdRevocations(userId: CertifiedUserId, now: number): readonly Revocation[] {
  const newest = userId.certifications.find(({ created }) => created <= now)?.created ?? 0;
  return userId.revocations.filter(
    ({ by, signature }) => by !== 'self' || signature.revocationReason !== 32 || signature.created >= newest,
  );
}

/** Direct-key signatures that were not cancelled (5.2.1.13). */
export function standingDirect(certificate: Certificate): readonly Signature[] {
  const cancelled = Math.max(
    Number.NEGATIVE_INFINITY,
    ...certificate.directRevocations.map(({ signature }) => signature.created),
  );
  return certificate.direct.filter(({ created }) => created > cancelled);
}

/**
 * When the key as a whole ends: the earliest of what its newest direct-key signature, that of the primary user ID and
 * that of the user ID in question say. Even a signature that isn't relied on, or was cancelled, can shorten a life.
 *
 * @param now epoch milliseconds; infinite: by everything that the key ever said
 */
export function certificateEnd(certificate: Certificate, now: number, userId?: Signature): number {
  const newest = (signatures: readonly Signature[]) => signatures.find(({ created }) => created <= now);
  const certifications = certificate.userIds
    .filter((one) => userIdRevocations(one, now).length === 0)
    .flatMap((one) => newest(one.certifications) ?? [])
    .sort((a, b) => b.created - a.created);
  // 5.2.3.27: the newest that says it is of the primary user ID, else the newest.
  const primary = certifications.find(({ primaryUserId }) => primaryUserId) ?? certifications[0];
  const ends = [newest(certificate.direct), primary, userId].map((one) =>
    one === undefined ? Number.POSITIVE_INFINITY : keyEnd(certificate.primary, one),
  );
  return Math.min(...ends);
}

/** Addresses of user IDs that the key vouches for and didn't take back, whatever the date. */
export function certifiedAddresses(certificate: Certificate): readonly string[] {
  const addresses = certificate.userIds.flatMap((userId) => {
    const [newest] = userId.certifications;
    if (newest === undefined || distrust(newest) !== undefined) return [];
    if (userIdRevocations(userId, Number.POSITIVE_INFINITY).length > 0) return [];
    return userIdAddress(userId.body) ?? [];
  });
  return [...new Set(addresses)];
}
