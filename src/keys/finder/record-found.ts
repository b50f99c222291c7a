import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { KeySource, StoredKey } from '../../model/key.js';
import type { Clock } from '../../shared/clock.js';
import type { KeyStore } from '../../store/ports.js';
import type { Candidate } from './candidates.js';

type Directory = Exclude<KeySource, 'imported'>;

/*
 * What a look-up writes, with the events that permit it. Every function gives false (`takeNews` undefined) when another
 * writer was faster and nothing was written, and throws StoreUnavailable.
 */

export interface RecordContext {
  readonly store: Pick<KeyStore, 'put' | 'confirm'>;
  readonly clock: Clock;
  /** Whether what is found is kept and recorded. */
  readonly record: boolean;
}

/**
 * A known key was given again, perhaps with news.
 * @returns the row as it is now, or would be if it were kept: whoever goes on with the row of before misses a revocation
 */
export async function takeNews(
  source: KeySource,
  row: StoredKey,
  found: Candidate,
  at: number,
  { store, record }: RecordContext,
): Promise<StoredKey | undefined> {
  const { kind, address, fingerprint } = row;
  const own = row.source === source;
  // Answers out of the cache are older than what the row says.
  const confirmedAt = own ? Math.max(row.confirmedAt, at) : row.confirmedAt;
  const material = kind === 'openpgp' && !sameBytes(row.material, found.material);
  // Certificates on the way to the anchor: only from where the key itself came.
  const chain = kind === 'x509' && own && !sameSet(row.chain, found.chain);
  if (material || chain) {
    const renewed = { ...row, material: found.material, chain: found.chain, confirmedAt };
    if (!record) return renewed;
    const event = auditEvent('key.updated', { kind, address, fingerprint, source });
    return (await store.put(renewed, [event], { before: row })) ? renewed : undefined;
  }
  if (record && confirmedAt > row.confirmedAt)
    await store.confirm({ kind, address, fingerprint }, confirmedAt);
  return { ...row, confirmedAt };
}

/** The first usable key that is seen for an address becomes its key. */
export async function takeFirst(
  source: Directory,
  found: Candidate,
  address: string,
  at: number,
  context: RecordContext,
): Promise<boolean> {
  const { kind, fingerprint } = found;
  return putRow('active', source, found, address, at, context, [
    auditEvent('key.discovered', { kind, address, fingerprint, source }),
  ]);
}

/** Another usable key than the active one. */
export async function putBeforePerson(
  source: Directory,
  found: Candidate,
  address: string,
  active: StoredKey,
  at: number,
  context: RecordContext,
): Promise<boolean> {
  const { kind, fingerprint } = found;
  const activeFingerprint = active.fingerprint;
  return putRow('pending', source, found, address, at, context, [
    auditEvent('key.pending', { kind, address, fingerprint, source, activeFingerprint }),
  ]);
}

async function putRow(
  state: 'active' | 'pending',
  source: Directory,
  found: Candidate,
  address: string,
  at: number,
  { store, record, clock }: RecordContext,
  events: readonly AuditEvent[],
): Promise<boolean> {
  if (!record) return true;
  const { kind, fingerprint, material, chain, known } = found;
  return store.put(
    {
      kind,
      // A key that was there before keeps its row, which has the spelling of then.
      address: known?.address ?? address,
      fingerprint,
      source,
      state,
      pinned: false,
      firstSeenAt: known?.firstSeenAt ?? clock.now(),
      confirmedAt: at,
      material,
      chain,
    },
    events,
    { before: known },
  );
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** Order and repetition don't count. */
function sameSet(a: readonly Uint8Array[], b: readonly Uint8Array[]): boolean {
  const within = (one: readonly Uint8Array[], other: readonly Uint8Array[]) =>
    one.every((x) => other.some((y) => sameBytes(x, y)));
  return within(a, b) && within(b, a);
}
