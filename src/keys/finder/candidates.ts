import type { KeyKind, StoredKey } from '../../model/key.js';
import type { ReadKey } from '../types.js';
import type { KeyJudges } from './parts.js';

/** One key that a directory gave, together with what is already known of it. */
export interface Candidate {
  readonly kind: KeyKind;
  readonly fingerprint: string;
  /** The row of this very key, whatever its state. */
  readonly known?: StoredKey;
  /** OpenPGP: with everything that the known row and every copy in the answer say, so that no revocation is lost. */
  readonly material: Uint8Array;
  readonly chain: readonly Uint8Array[];
  /** Epoch milliseconds; for the order. */
  readonly notBefore: number;
}

/** An OpenPGP key with more than this was made large on purpose (signatures by strangers). */
const LARGEST_OPENPGP = 1024 * 1024;

export type Gathered =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly fingerprint: string; readonly reason: string };

export interface Merging {
  readonly mergeOpenPgp: KeyJudges['mergeOpenPgp'];
  /** What is kept of this OpenPGP key for whatever address, removed ones included: their revocations hold for it too. */
  readonly copiesOf: (fingerprint: string) => Promise<readonly Uint8Array[]>;
}

/**
 * The keys of an answer, newest first, each fingerprint once. Copies of the same OpenPGP key are merged: taken one by
 * one, the copy without the revocation would be usable.
 */
export async function gatherCandidates(
  keys: readonly ReadKey[],
  rows: readonly StoredKey[],
  { mergeOpenPgp, copiesOf }: Merging,
): Promise<readonly Gathered[]> {
  const byFingerprint = new Map<string, ReadKey[]>();
  for (const key of keys) {
    const same = byFingerprint.get(key.fingerprint);
    if (same === undefined) byFingerprint.set(key.fingerprint, [key]);
    else same.push(key);
  }
  const groups = [...byFingerprint.values()].sort(newestFirst);
  return Promise.all(groups.map((copies) => gather(copies, rows, { mergeOpenPgp, copiesOf })));
}

async function gather(
  copies: readonly ReadKey[],
  rows: readonly StoredKey[],
  { mergeOpenPgp, copiesOf }: Merging,
): Promise<Gathered> {
  const [first, ...others] = copies;
  if (first === undefined) throw new TypeError('a group of keys is never empty');
  const { kind, fingerprint } = first;
  const known = rows.find((row) => row.kind === kind && row.fingerprint === fingerprint);
  let material = first.material;
  if (kind === 'openpgp') {
    const kept = await copiesOf(fingerprint);
    try {
      for (const copy of others) material = await mergeOpenPgp(material, copy.material);
      for (const copy of kept)
        if (!Buffer.from(copy).equals(material)) material = await mergeOpenPgp(copy, material);
      if (known !== undefined) material = await mergeOpenPgp(known.material, material);
    } catch {
      // Not used then, neither the known copy: what is new could be a revocation.
      return { ok: false, fingerprint, reason: 'its copies could not be put together' };
    }
    if (material.length > LARGEST_OPENPGP)
      return { ok: false, fingerprint, reason: `it is larger than ${LARGEST_OPENPGP} bytes` };
  }
  return {
    ok: true,
    candidate: {
      kind,
      fingerprint,
      ...(known === undefined ? {} : { known }),
      material,
      chain: kind === 'openpgp' ? [] : copies.flatMap((copy) => copy.chain),
      notBefore: first.notBefore ?? 0,
    },
  };
}

/** The order of an answer is the directory's whim; the same answer must always lead to the same key. */
function newestFirst(a: readonly ReadKey[], b: readonly ReadKey[]): number {
  const [first, second] = [a[0], b[0]];
  const byAge = (second?.notBefore ?? 0) - (first?.notBefore ?? 0);
  if (byAge !== 0) return byAge;
  return (first?.fingerprint ?? '') < (second?.fingerprint ?? '') ? -1 : 1;
}
