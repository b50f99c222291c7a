import { hash, randomBytes } from 'node:crypto';

/** Events per bucket: how closely a difference is located before the slow search begins. */
export const BUCKET_SIZE = 4096;

const MAX_CACHED = 10_000;

/** The keyed hash of an entry's kind and value: three lanes of 32 bits. */
export interface ValueHash {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/**
 * Compares two multisets of (kind, value, seq) without holding them: for each bucket of events it keeps a sum of
 * keyed hashes. What is added from one side and taken from the other leaves zero. The key is made anew for each run,
 * so nobody can prepare entries whose sums agree; three lanes of 32 bits make chance no matter.
 */
export interface IndexSums {
  /** For all events with this value. */
  value(kind: number, value: string): ValueHash;
  /** As `value`, for those that come again soon. */
  cachedValue(kind: number, value: string): ValueHash;
  add(value: ValueHash, seq: number): void;
  take(value: ValueHash, seq: number): void;
  /** Numbers of the buckets that differ; bucket b holds the events from b × BUCKET_SIZE on. */
  differing(): readonly number[];
}

export function indexSums(): IndexSums {
  const key = randomBytes(32).toString('hex');
  const buckets = new Map<number, Int32Array>();
  const caches = new Map<number, Map<string, ValueHash>>();
  let lastNumber = -1;
  let last: Int32Array = new Int32Array(3);

  const bucket = (seq: number): Int32Array => {
    const number = Math.floor(seq / BUCKET_SIZE);
    if (number === lastNumber) return last;
    const found = buckets.get(number) ?? new Int32Array(3);
    buckets.set(number, found);
    lastNumber = number;
    last = found;
    return last;
  };

  const valueHash = (kind: number, value: string): ValueHash => {
    const digest = hash('sha256', `${key}\n${kind}\n${value}`, 'binary');
    return { a: lane(digest, 0), b: lane(digest, 4), c: lane(digest, 8) };
  };

  return {
    value: valueHash,
    cachedValue(kind, value) {
      const cached = caches.get(kind)?.get(value);
      if (cached !== undefined) return cached;
      const cache = caches.get(kind);
      const made = valueHash(kind, value);
      if (cache === undefined || cache.size >= MAX_CACHED) caches.set(kind, new Map([[value, made]]));
      else cache.set(value, made);
      return made;
    },
    add(value, seq) {
      const sums = bucket(seq);
      sums[0] = (sums[0] ?? 0) + mix(value.a ^ seq);
      sums[1] = (sums[1] ?? 0) + mix(value.b ^ seq);
      sums[2] = (sums[2] ?? 0) + mix(value.c ^ seq);
    },
    take(value, seq) {
      const sums = bucket(seq);
      sums[0] = (sums[0] ?? 0) - mix(value.a ^ seq);
      sums[1] = (sums[1] ?? 0) - mix(value.b ^ seq);
      sums[2] = (sums[2] ?? 0) - mix(value.c ^ seq);
    },
    differing: () =>
      [...buckets]
        .filter(([, sums]) => sums.some((sum) => sum !== 0))
        .map(([number]) => number)
        .sort((a, b) => a - b),
  };
}

/** Four bytes of a digest given as a binary string. */
function lane(digest: string, from: number): number {
  return (
    digest.charCodeAt(from) |
    (digest.charCodeAt(from + 1) << 8) |
    (digest.charCodeAt(from + 2) << 16) |
    (digest.charCodeAt(from + 3) << 24)
  );
}

/** The 32-bit finaliser of MurmurHash3: every input bit changes half of the output bits. */
function mix(input: number): number {
  let h = input;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
