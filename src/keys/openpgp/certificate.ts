import { BOUNDS } from './bounds.js';
import { hex } from './cursor.js';
import { MalformedKey } from './malformed.js';
import { nodeKey } from './node-key.js';
import type { PublicKey } from './public-key.js';
import { readSignature, SIGNATURE, type Signature } from './signature.js';
import type { Transferable } from './transferable.js';
import { type Checked, checkSignature, signedData } from './verify.js';

/**
 * A key with the signatures that it made itself, each verified; dates and hashes are not judged yet. What others say of
 * the key is not in it, nor what could not be verified.
 */
export interface Certificate {
  readonly primary: PublicKey;
  /** Newest first, like all lists of signatures here. */
  readonly direct: readonly Signature[];
  /** Of direct-key signatures (RFC 9580 5.2.1.13). */
  readonly directRevocations: readonly Revocation[];
  readonly revocations: readonly Revocation[];
  readonly userIds: readonly CertifiedUserId[];
  readonly subkeys: readonly BoundSubkey[];
  /** Subkeys of another algorithm, malformed, or without a binding signature of this key. */
  readonly strayed: readonly string[];
}

export interface Revocation {
  readonly signature: Signature;
  /** `self`: made by the key. Others can't be verified here and count all the same: failing open would be worse. */
  readonly by: 'self' | 'self-unverified' | 'designated';
}

export interface CertifiedUserId {
  readonly body: Uint8Array;
  readonly certifications: readonly Signature[];
  readonly revocations: readonly Revocation[];
}

export interface BoundSubkey {
  readonly key: PublicKey;
  readonly bindings: readonly Signature[];
  readonly revocations: readonly Revocation[];
}

/**
 * Verifies what a key says about itself.
 * @throws MalformedKey when the primary key is no valid key of its algorithm, or there are too many signatures
 */
export function certify(transferable: Transferable, primary: PublicKey): Certificate {
  const key = nodeKey(primary);
  let checks = 0;
  const check = (signature: Signature, data: Uint8Array): Checked => {
    checks++;
    if (checks > BOUNDS.verified)
      throw new MalformedKey(`it has more than ${BOUNDS.verified} signatures of its own`);
    return checkSignature(signature, primary, key, data);
  };
  const sort = sorter(primary);
  const onKey = signedData.key(primary);
  const userIds = unite(transferable.userIds)
    .filter(({ body }) => body.length <= BOUNDS.userId)
    .map(({ body, signatures }) => {
      const data = signedData.userId(primary, body);
      const { mine, others } = sort(signatures);
      const certifications = right(primary, mine, SIGNATURE.certifications, data, check);
      const revocations = revoking(mine, SIGNATURE.certificationRevocation, data, check);
      return { body, certifications, revocations, others };
    });
  const strayed: string[] = [];
  const subkeys = unite(transferable.subkeys).flatMap(({ key: subkey, signatures }) => {
    if ('unsupported' in subkey || subkey.version !== primary.version) {
      strayed.push('unsupported' in subkey ? subkey.unsupported : 'its subkey has another version');
      return [];
    }
    const data = signedData.subkey(primary, subkey);
    const { mine, others } = sort(signatures);
    const bindings = right(primary, mine, [SIGNATURE.subkeyBinding], data, check);
    const revocations = revoking(mine, SIGNATURE.subkeyRevocation, data, check);
    if (bindings.length === 0) strayed.push('its subkey has no valid binding signature');
    return [{ key: subkey, bindings, revocations, others }];
  });
  // Revocations of the key and direct-key signatures count wherever they stand: they can be about nothing else.
  const { mine, others } = sort([
    ...transferable.signatures,
    ...transferable.userIds.flatMap((one) => one.signatures),
    ...transferable.subkeys.flatMap((one) => one.signatures),
  ]);
  const direct = right(primary, mine, [SIGNATURE.direct], onKey, check);

  const revokers = namesOfRevokers([...direct, ...userIds.flatMap((one) => one.certifications)]);
  const designated = (signatures: readonly Signature[], type: number): readonly Revocation[] =>
    signatures
      .filter((one) => one.type === type && one.issuers.some((issuer) => revokers.has(issuer)))
      .map((signature) => ({ signature, by: 'designated' }));
  return {
    primary,
    direct,
    directRevocations: revoking(
      sort(transferable.signatures).mine,
      SIGNATURE.certificationRevocation,
      onKey,
      check,
    ),
    revocations: [
      ...revoking(mine, SIGNATURE.keyRevocation, onKey, check),
      ...designated(others, SIGNATURE.keyRevocation),
    ],
    userIds: userIds
      .map(({ others: foreign, ...one }) => ({
        ...one,
        revocations: [...one.revocations, ...designated(foreign, SIGNATURE.certificationRevocation)],
      }))
      .filter((one) => one.certifications.length > 0 || one.revocations.length > 0),
    subkeys: subkeys
      .map(({ others: foreign, ...one }) => ({
        ...one,
        revocations: [...one.revocations, ...designated(foreign, SIGNATURE.subkeyRevocation)],
      }))
      .filter((one) => one.bindings.length > 0 || one.revocations.length > 0),
    strayed,
  };
}

type Check = (signature: Signature, data: Uint8Array) => Checked;

function right(
  primary: PublicKey,
  signatures: readonly Signature[],
  types: readonly number[],
  data: Uint8Array,
  check: Check,
): readonly Signature[] {
  return (
    signatures
      .filter(({ type }) => types.includes(type))
      // A key can't have signed before it was made. Of revocations this isn't asked: a wrong clock must not undo them.
      .filter(({ created }) => created >= primary.created)
      .filter((signature) => check(signature, data) === 'right')
      .sort((a, b) => b.created - a.created || stricterFirst(a, b))
  );
}

/** Of the same second: the one by which the key ends first; else any fixed order, whatever that of the packets. */
function stricterFirst(a: Signature, b: Signature): number {
  const [endA, endB] = [a, b].map((one) => one.keyExpires || Number.MAX_SAFE_INTEGER);
  return (endA ?? 0) - (endB ?? 0) || (signatureIdentity(a) < signatureIdentity(b) ? -1 : 1);
}

function revoking(
  signatures: readonly Signature[],
  type: number,
  data: Uint8Array,
  check: Check,
): readonly Revocation[] {
  return signatures.flatMap((signature): Revocation[] => {
    const checked = signature.type === type ? check(signature, data) : 'wrong';
    return checked === 'wrong' ? [] : [{ signature, by: checked === 'right' ? 'self' : 'self-unverified' }];
  });
}

/** Parts who says to have made them: this key (or nobody says so), or others. Malformed ones count as none (5.2.5). */
function sorter(primary: PublicKey) {
  // Each is sorted more than once: with its component, and with all of the key.
  const known = new Map<Uint8Array, ReadSignature | undefined>();
  const readOnce = (body: Uint8Array): ReadSignature | undefined => {
    if (known.has(body)) return known.get(body);
    const read = body.length > BOUNDS.signature ? undefined : tryRead(body);
    known.set(body, read);
    return read;
  };
  return (bodies: readonly Uint8Array[]): { readonly mine: Signature[]; readonly others: Signature[] } => {
    const seen = new Set<string>();
    const mine: Signature[] = [];
    const others: Signature[] = [];
    for (const body of bodies) {
      const read = readOnce(body);
      if (read === undefined || seen.has(read.identity)) continue;
      seen.add(read.identity);
      const { issuers } = read.signature;
      const isMine =
        issuers.length === 0 || issuers.includes(primary.keyId) || issuers.includes(primary.fingerprint);
      (isMine ? mine : others).push(read.signature);
    }
    return { mine, others };
  };
}

interface ReadSignature {
  readonly signature: Signature;
  readonly identity: string;
}

function tryRead(body: Uint8Array): ReadSignature | undefined {
  try {
    const signature = readSignature(body);
    return { signature, identity: signatureIdentity(signature) };
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return undefined;
    throw thrown;
  }
}

/** What makes two signature packets the same statement; the rest of a packet anybody can change. */
export function signatureIdentity(signature: Signature): string {
  return `${hex(signature.hashed)}:${hex(signature.value)}`;
}

/** The same component twice is one with the signatures of both: a copy must not escape a revocation. */
function unite<T extends { readonly body: Uint8Array; readonly signatures: readonly Uint8Array[] }>(
  components: readonly T[],
): readonly (T & { readonly signatures: readonly Uint8Array[] })[] {
  const byBody = new Map<string, { readonly first: T; readonly signatures: (readonly Uint8Array[])[] }>();
  for (const component of components) {
    const name = hex(component.body);
    const known = byBody.get(name) ?? { first: component, signatures: [] };
    known.signatures.push(component.signatures);
    byBody.set(name, known);
  }
  return [...byBody.values()].map(({ first, signatures }) => ({ ...first, signatures: signatures.flat() }));
}

/** Fingerprints and key IDs (RFC 9580 5.5.4) of designated revokers: what an issuer may be called by. */
function namesOfRevokers(signatures: readonly Signature[]): ReadonlySet<string> {
  const fingerprints = signatures.flatMap((one) => one.revokers);
  return new Set(fingerprints.flatMap((one) => [one, one.length === 40 ? one.slice(-16) : one.slice(0, 16)]));
}
