import type { KeyKind, KeyRefusal, KeySource, StoredKey } from '../../model/key.js';
import type { KeyStore } from '../../store/ports.js';
import type { KindFound, ReadKey, UsableKey } from '../types.js';
import { askDirectories } from './ask-directories.js';
import { type Candidate, gatherCandidates } from './candidates.js';
import { copiesElsewhere } from './copies-elsewhere.js';
import { type JudgeContext, judgeKey } from './judge-key.js';
import { judgeRow } from './judge-row.js';
import type { CachedSource } from './lookup-cache.js';
import { putBeforePerson, type RecordContext, takeFirst, takeNews } from './record-found.js';
import { noKey, noLongerPublished, sourceNotAccepted, waitsForPerson } from './words.js';

type Directory = Exclude<KeySource, 'imported'>;

export interface FindContext extends JudgeContext, RecordContext {
  readonly directories: Readonly<Record<Directory, readonly CachedSource[]>>;
  readonly store: RecordContext['store'] & Pick<KeyStore, 'list'>;
}

/** One address and kind, with what is known of it: the store's rows, with the news of the sources asked so far. */
interface Wanted {
  readonly address: string;
  readonly kind: KeyKind;
  readonly rows: readonly StoredKey[];
  readonly active: StoredKey | undefined;
  /** Keys that the sources asked so far gave and that may not be used: their revocations hold for the others' copies. */
  readonly given: readonly ReadKey[];
}

/** What one source led to; the next is asked only after `next`. */
type Step =
  | { readonly outcome: 'usable'; readonly key: UsableKey; readonly refused: readonly KeyRefusal[] }
  | { readonly outcome: 'next'; readonly refused: readonly KeyRefusal[]; readonly wanted: Wanted }
  /** Another key than the known one: nothing of this kind is used until a person has decided. */
  | { readonly outcome: 'waits'; readonly refused: readonly KeyRefusal[] }
  /** The rows changed meanwhile. */
  | { readonly outcome: 'overtaken' };

/** A Web Key Directory holds OpenPGP keys only. */
const SERVES: Readonly<Record<KeySource, readonly KeyKind[]>> = {
  imported: ['openpgp', 'x509'],
  ldap: ['openpgp', 'x509'],
  wkd: ['openpgp'],
};

/**
 * Goes through the sources in their order until one has a key that may be used. The store is written before a key is
 * given out, so that what was used first is known from then on.
 * @returns undefined when another writer was faster: read the rows and call again
 * @throws StoreUnavailable
 */
export async function findKind(
  address: string,
  kind: KeyKind,
  sources: readonly KeySource[],
  rowsOfAddress: readonly StoredKey[],
  context: FindContext,
): Promise<KindFound | undefined> {
  const rows = rowsOfAddress.filter((row) => row.kind === kind);
  const waiting = rows.filter((row) => row.state === 'pending');
  // No source is asked meanwhile: whatever it said, a person comes first.
  if (waiting.length > 0) return { usable: [], refused: waiting.map(waitsForPerson) };
  let wanted: Wanted = { address, kind, rows, active: activeOf(rows), given: [] };
  const refused: KeyRefusal[] = [];
  for (const source of sources.filter((one) => SERVES[one].includes(kind))) {
    const step =
      source === 'imported'
        ? await fromImported(wanted, context)
        : await fromDirectory(source, wanted, context);
    if (step.outcome === 'overtaken') return undefined;
    refused.push(...step.refused);
    if (step.outcome === 'usable') return { usable: [step.key], refused };
    if (step.outcome === 'waits') return { usable: [], refused };
    wanted = step.wanted;
  }
  if (wanted.active !== undefined && !sources.includes(wanted.active.source))
    refused.push(sourceNotAccepted(wanted.active));
  return { usable: [], refused };
}

async function fromImported(wanted: Wanted, context: FindContext): Promise<Step> {
  const { active } = wanted;
  if (active?.source !== 'imported') return { outcome: 'next', refused: [noKey('imported')], wanted };
  return fromRow(active, wanted, context);
}

async function fromDirectory(source: Directory, wanted: Wanted, context: FindContext): Promise<Step> {
  const { active, address, kind } = wanted;
  const next = (...refused: readonly KeyRefusal[]): Step => ({ outcome: 'next', refused, wanted });
  const answer = await askDirectories(context.directories[source], address, kind);
  // What this source gave before; a key of another source is that source's matter.
  const kept = active?.source === source ? active : undefined;
  if (answer.kind === 'keys') return fromAnswer(source, answer.keys, answer.at, wanted, context);
  if (answer.kind === 'none') return next(kept === undefined ? noKey(source) : noLongerPublished(kept));
  if (kept === undefined) return next({ source, reason: answer.reason });
  const age = context.clock.now() - kept.confirmedAt;
  // A source that can't be asked can't say that it withdrew the key: its last word holds for the cache time only. Not so
  // where a person decided for this very key, who answers for it; what the source says when it does counts there too.
  if (kept.actor === undefined && (age < 0 || age >= answer.cache))
    return next({ source, fingerprint: kept.fingerprint, reason: answer.reason });
  return fromRow(kept, wanted, context);
}

async function fromAnswer(
  source: Directory,
  keys: readonly ReadKey[],
  at: number,
  wanted: Wanted,
  context: FindContext,
): Promise<Step> {
  const { active, address, kind } = wanted;
  let { rows } = wanted;
  const refused: KeyRefusal[] = [];
  const candidates: Candidate[] = [];
  for (const one of await gatherCandidates(keys, rows, {
    mergeOpenPgp: context.judges.mergeOpenPgp,
    copiesOf: (fingerprint) => copiesOf(fingerprint, wanted, context),
  })) {
    if (one.ok) candidates.push(one.candidate);
    else refused.push({ source, fingerprint: one.fingerprint, reason: one.reason });
  }
  const judge = (one: Candidate) => {
    // What came with it earlier may lead to the anchor too; certificates in between are not trusted by being here.
    const chain = [...one.chain, ...(one.known?.chain ?? [])];
    // A person vouched for the key in use; one that was in use or removed before stands on its own.
    const pinned = one.known?.state === 'active' && one.known.pinned;
    return judgeKey({ ...one, chain, pinned }, address, source, context);
  };

  const keepNews = async (row: StoredKey, found: Candidate): Promise<boolean> => {
    const renewed = await takeNews(source, row, found, at, context);
    if (renewed === undefined) return false;
    rows = rows.map((other) => (other === row ? renewed : other));
    return true;
  };

  if (active !== undefined) {
    const same = candidates.find((one) => one.fingerprint === active.fingerprint);
    if (same !== undefined) {
      // Before it is judged: a revocation that came with it must be kept although it makes the key unusable.
      if (!(await keepNews(active, same))) return { outcome: 'overtaken' };
      const judged = await judge(same);
      // Other keys beside it are no change: people publish the next one before the last one ends.
      if (judged.usable) return { outcome: 'usable', key: judged.key, refused };
      refused.push({ source, fingerprint: same.fingerprint, reason: judged.reason });
    } else if (active.source === source && !keys.some((key) => key.fingerprint === active.fingerprint))
      refused.push(noLongerPublished(active));
  }

  const others = candidates.filter((one) => one.fingerprint !== active?.fingerprint);
  let waits = false;
  for (const one of others) {
    const { fingerprint, known } = one;
    // Also of a key that isn't used: a revocation must count when an older copy comes.
    if (known !== undefined && kind === 'openpgp' && !(await keepNews(known, one)))
      return { outcome: 'overtaken' };
    if (known?.state === 'rejected') {
      refused.push({ source, fingerprint, reason: 'a person refused this key' });
      continue;
    }
    const judged = await judge(one);
    if (!judged.usable) {
      refused.push({ source, fingerprint, reason: judged.reason });
      continue;
    }
    if (active === undefined) {
      if (!(await takeFirst(source, one, address, at, context))) return { outcome: 'overtaken' };
      return { outcome: 'usable', key: judged.key, refused };
    }
    if (!(await putBeforePerson(source, one, address, active, at, context))) return { outcome: 'overtaken' };
    refused.push(waitsForPerson({ fingerprint, source }));
    waits = true;
  }
  if (waits) return { outcome: 'waits', refused };
  const given = kind === 'openpgp' ? [...wanted.given, ...keys] : [];
  return { outcome: 'next', refused, wanted: { ...wanted, rows, active: activeOf(rows), given } };
}

/** What is kept of a key for other addresses, and what the sources asked so far gave of it. */
async function copiesOf(
  fingerprint: string,
  { rows: own, given }: Wanted,
  { store }: FindContext,
): Promise<readonly Uint8Array[]> {
  // The row of this very address is merged last, and for itself.
  const elsewhere = await copiesElsewhere(
    fingerprint,
    own.map((row) => row.address),
    store,
  );
  const earlier = given.filter((key) => key.fingerprint === fingerprint);
  return [...elsewhere, ...earlier.map(({ material }) => material)];
}

async function fromRow(row: StoredKey, wanted: Wanted, context: FindContext): Promise<Step> {
  const { source, fingerprint } = row;
  const judged = await judgeRow(row, wanted.address, context, wanted.given);
  return judged.usable
    ? { outcome: 'usable', key: judged.key, refused: [] }
    : { outcome: 'next', refused: [{ source, fingerprint, reason: judged.reason }], wanted };
}

function activeOf(rows: readonly StoredKey[]): StoredKey | undefined {
  return rows.find((row) => row.state === 'active');
}
