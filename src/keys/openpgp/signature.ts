import { BOUNDS } from './bounds.js';
import { cursor, hex } from './cursor.js';
import { MalformedKey } from './malformed.js';

/** Signature types on keys (RFC 9580 5.2.1). */
export const SIGNATURE = {
  certifications: [0x10, 0x11, 0x12, 0x13],
  subkeyBinding: 0x18,
  primaryBinding: 0x19,
  direct: 0x1f,
  keyRevocation: 0x20,
  subkeyRevocation: 0x28,
  certificationRevocation: 0x30,
} as const;

/** A version 4 or 6 signature packet, read but not verified (RFC 9580 5.2.3). */
export interface Signature {
  readonly version: 4 | 6;
  readonly type: number;
  readonly algorithm: number;
  readonly hash: number;
  /** The whole packet body. */
  readonly body: Uint8Array;
  /** From the version to the end of the hashed subpackets. */
  readonly hashed: Uint8Array;
  /** Left 16 bits of the hash. */
  readonly left: Uint8Array;
  readonly salt: Uint8Array;
  /** The algorithm-specific rest. */
  readonly value: Uint8Array;
  /** Epoch milliseconds. */
  readonly created: number;
  /** Seconds after `created`; 0 is never (5.2.3.18). */
  readonly expires: number;
  /** Seconds after the key's creation; 0 is never (5.2.3.13). */
  readonly keyExpires: number;
  /** First octet of the key flags (5.2.3.29), where there are any. */
  readonly flags?: number;
  /** First octet of the features (5.2.3.32), where there are any. */
  readonly features?: number;
  readonly primaryUserId: boolean;
  /** Code of 5.2.3.31. */
  readonly revocationReason?: number;
  /** Fingerprints of designated revokers (5.2.3.23). */
  readonly revokers: readonly string[];
  /** Who says to have made it: key IDs and fingerprints; a hint, which only verifying proves. */
  readonly issuers: readonly string[];
  /** Bodies of embedded signatures (5.2.3.34), from either area; each proves itself. */
  readonly embedded: readonly Uint8Array[];
  /** A hashed subpacket or notation is critical and not known (5.2.3.7). */
  readonly unknownCritical: boolean;
}

/**
 * Reads a signature packet.
 * @throws MalformedKey
 */
export function readSignature(body: Uint8Array): Signature {
  const read = cursor(body);
  const version = read.u8();
  if (version !== 4 && version !== 6)
    throw new MalformedKey('a signature has a version that is not supported');
  const [type, algorithm, hash] = [read.u8(), read.u8(), read.u8()];
  const size = () => (version === 4 ? read.u16() : read.u32());
  const hashedArea = readSubpackets(read.take(size()));
  const hashed = body.subarray(0, read.at());
  const unhashedArea = readSubpackets(read.take(size()));
  const left = read.take(2);
  const salt = version === 6 ? read.take(read.u8()) : new Uint8Array(0);
  const value = read.take(read.left());

  const one = (kind: number): Uint8Array | undefined => {
    const found = hashedArea.filter((subpacket) => subpacket.kind === kind);
    // 5.2.3.9 lets a reader choose among conflicting ones; two readers would choose differently.
    if (found.some((other) => hex(other.body) !== hex(found[0]?.body ?? other.body)))
      throw new MalformedKey('a signature contradicts itself');
    return found[0]?.body;
  };
  const seconds = (kind: number): number | undefined => {
    const found = one(kind);
    if (found === undefined) return undefined;
    if (found.length !== 4) throw new MalformedKey('a signature has a malformed part');
    return cursor(found).u32();
  };
  const created = seconds(SUBPACKET.created);
  if (created === undefined) throw new MalformedKey('a signature has no date');
  const both = [...hashedArea, ...unhashedArea];
  const flags = one(SUBPACKET.keyFlags);
  const features = one(SUBPACKET.features);
  const reason = one(SUBPACKET.revocationReason)?.[0];
  const issuers = both.flatMap(issuerOf);
  // 5.2.3.23: class and algorithm stand before the fingerprint.
  const revokers = hashedArea
    .filter(({ kind, body: it }) => kind === SUBPACKET.revocationKey && isFingerprint(it.length - 2))
    .map(({ body: it }) => hex(it.subarray(2)));
  if (issuers.length > BOUNDS.names || revokers.length > BOUNDS.names)
    throw new MalformedKey('a signature names more keys than any has to');
  return {
    version,
    type,
    algorithm,
    hash,
    body,
    hashed,
    left,
    salt,
    value,
    created: created * 1000,
    expires: seconds(SUBPACKET.expires) ?? 0,
    keyExpires: seconds(SUBPACKET.keyExpires) ?? 0,
    ...(flags === undefined ? {} : { flags: flags[0] ?? 0 }),
    ...(features === undefined ? {} : { features: features[0] ?? 0 }),
    primaryUserId: (one(SUBPACKET.primaryUserId)?.[0] ?? 0) !== 0,
    ...(reason === undefined ? {} : { revocationReason: reason }),
    revokers,
    issuers,
    embedded: both.filter(({ kind }) => kind === SUBPACKET.embedded).map(({ body: it }) => it),
    unknownCritical: hashedArea.some(({ kind, critical }) => critical && !UNDERSTOOD.has(kind)),
  };
}

/** Key ID (5.2.3.12), or version and fingerprint (5.2.3.35). @throws MalformedKey when it has the length of neither */
function issuerOf({ kind, body }: Subpacket): readonly string[] {
  if (kind !== SUBPACKET.issuer && kind !== SUBPACKET.issuerFingerprint) return [];
  const isKeyId = kind === SUBPACKET.issuer;
  if (isKeyId ? body.length !== 8 : !isFingerprint(body.length - 1))
    throw new MalformedKey('a signature has a malformed part');
  return [hex(isKeyId ? body : body.subarray(1))];
}

/** Octets of the fingerprint of a version 4 key, or of a later one (RFC 9580 5.5.4). */
function isFingerprint(length: number): boolean {
  return length === 20 || length === 32;
}

interface Subpacket {
  readonly kind: number;
  readonly critical: boolean;
  readonly body: Uint8Array;
}

/** 5.2.3.7; they must fill the area exactly. */
function readSubpackets(area: Uint8Array): readonly Subpacket[] {
  const read = cursor(area);
  const subpackets: Subpacket[] = [];
  while (read.left() > 0) {
    const first = read.u8();
    const length = first < 192 ? first : first < 255 ? ((first - 192) << 8) + read.u8() + 192 : read.u32();
    if (length === 0) throw new MalformedKey('a signature has a malformed part');
    const type = read.u8();
    subpackets.push({ kind: type & 0x7f, critical: (type & 0x80) !== 0, body: read.take(length - 1) });
  }
  return subpackets;
}

/** Subpackets that are looked at here (RFC 9580 5.2.3.8). */
const SUBPACKET = {
  created: 2,
  expires: 3,
  keyExpires: 9,
  revocationKey: 12,
  issuer: 16,
  primaryUserId: 25,
  keyFlags: 27,
  revocationReason: 29,
  features: 30,
  embedded: 32,
  issuerFingerprint: 33,
} as const;

/**
 * What may be critical without standing in the way: the above, and what says nothing about whether a key may be
 * encrypted to (exportable, trust, expression, revocable, preferences, key servers, policy, signer's user ID, target,
 * intended recipient). Notations are not among them: none is known.
 */
const UNDERSTOOD: ReadonlySet<number> = new Set([
  ...Object.values(SUBPACKET),
  ...[4, 5, 6, 7, 11, 21, 22, 23, 24, 26, 28, 31, 34, 35, 39],
]);
