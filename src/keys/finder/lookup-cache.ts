import { KEY_KINDS } from '../../model/key.js';
import type { Clock } from '../../shared/clock.js';
import { type KeySourceClient, type ReadKey, SourceFailed } from '../types.js';

/** What a source said, or why it said nothing. */
export type Lookup =
  | {
      readonly kind: 'answered';
      readonly keys: readonly ReadKey[];
      /** When it said so, epoch milliseconds. */
      readonly at: number;
    }
  | { readonly kind: 'failed'; readonly reason: string };

export interface CachedSource {
  /** Never rejects. */
  lookup(address: string): Promise<Lookup>;
  /** Milliseconds; as the source's own. */
  readonly cache: number;
}

export interface LookupCacheOptions {
  /** Milliseconds for which a failed source is left alone for that address. */
  readonly failureCache: number;
  readonly clock: Clock;
  /** Called at each real failure, not at those out of the cache; `error` is absent where the source said why. */
  readonly onFailure: (address: string, reason: string, error?: unknown) => void;
}

/** An address without a key today may have one soon, whatever the source's cache time. */
const LONGEST_NONE = 3_600_000;
/** Answers are bounded in number and in bytes; the one used longest ago goes first. */
const MAX_ENTRIES = 5000;
const MAX_BYTES = 32 * 1024 * 1024;
/** Of one answer, whatever it holds. */
const ENTRY_BYTES = 500;
/** So many late answers in a row for one domain are no longer about single addresses, and each more costs as long. */
const TIRED = 3;

interface Kept {
  readonly lookup: Lookup;
  readonly from: number;
  readonly until: number;
  readonly bytes: number;
}

/**
 * Remembers in memory what a source said of an address: keys for the source's cache time, none for at most an hour, a
 * failure for `failureCache`. Those who ask for the same address at once share one lookup. A domain for which the source
 * was late several times in a row is left alone for as long, all of its addresses together.
 */
export function createLookupCache(client: KeySourceClient, options: LookupCacheOptions): CachedSource {
  const kept = new Map<string, Kept>();
  const underWay = new Map<string, Promise<Lookup>>();
  const tired = new Map<string, { readonly failures: number; readonly from: number }>();
  let bytes = 0;

  const isTired = (domain: string): boolean => {
    const seen = tired.get(domain);
    const age = options.clock.now() - (seen?.from ?? 0);
    return seen !== undefined && seen.failures >= TIRED && age >= 0 && age < options.failureCache;
  };
  const note = (domain: string, { kind, late }: Answer) => {
    if (kind === 'failed' && late !== true) return;
    const failures = tired.get(domain)?.failures ?? 0;
    tired.delete(domain);
    if (kind === 'answered') return;
    tired.set(domain, { failures: failures + 1, from: options.clock.now() });
    const [oldest] = tired.keys();
    if (tired.size > MAX_ENTRIES && oldest !== undefined) tired.delete(oldest);
  };
  const forget = (address: string) => {
    bytes -= kept.get(address)?.bytes ?? 0;
    kept.delete(address);
  };
  const keep = (address: string, lookup: Lookup) => {
    const from = options.clock.now();
    const size = ENTRY_BYTES + sizeOf(lookup);
    forget(address);
    if (size > MAX_BYTES) return;
    kept.set(address, { lookup, from, until: from + lifetime(lookup, client.cache, options), bytes: size });
    bytes += size;
    for (const oldest of kept.keys()) {
      if (kept.size <= MAX_ENTRIES && bytes <= MAX_BYTES) break;
      forget(oldest);
    }
  };
  const fresh = (address: string): Lookup | undefined => {
    const entry = kept.get(address);
    if (entry === undefined) return undefined;
    const now = options.clock.now();
    forget(address);
    // A clock that was set back makes no answer valid for longer.
    if (now < entry.from || now >= entry.until) return undefined;
    // Put in again, as the one used last.
    kept.set(address, entry);
    bytes += entry.bytes;
    return entry.lookup;
  };
  const ask = async (address: string): Promise<Answer> => {
    try {
      const keys = await client.lookup(address, KEY_KINDS);
      return { kind: 'answered', keys, at: options.clock.now() };
    } catch (error) {
      // Not a way around: without an answer the finder uses at most a key that it already knows.
      const said = error instanceof SourceFailed;
      const reason = said ? error.message : 'the source could not be asked';
      options.onFailure(address, reason, said ? undefined : error);
      return { kind: 'failed', reason, late: said && error.code === 'late' };
    }
  };

  return {
    cache: client.cache,
    lookup: (address) => {
      const known = fresh(address);
      if (known !== undefined) return Promise.resolve(known);
      const shared = underWay.get(address);
      if (shared !== undefined) return shared;
      const domain = address.slice(address.lastIndexOf('@') + 1);
      if (isTired(domain)) return Promise.resolve({ kind: 'failed', reason: LEFT_ALONE });
      const asked = ask(address).then(({ late, ...lookup }) => {
        underWay.delete(address);
        note(domain, { late, ...lookup });
        keep(address, lookup);
        return lookup;
      });
      underWay.set(address, asked);
      return asked;
    },
  };
}

const LEFT_ALONE = 'the source was late several times for this domain and is left alone for now';

/** As it came, with what isn't kept. */
type Answer = Lookup & { readonly late?: boolean | undefined };

function lifetime(lookup: Lookup, cache: number, options: LookupCacheOptions): number {
  if (lookup.kind === 'failed') return options.failureCache;
  return lookup.keys.length === 0 ? Math.min(cache, LONGEST_NONE) : cache;
}

function sizeOf(lookup: Lookup): number {
  if (lookup.kind === 'failed') return 0;
  let size = 0;
  for (const key of lookup.keys) {
    size += ENTRY_BYTES + key.material.length;
    for (const certificate of key.chain) size += certificate.length;
  }
  return size;
}
