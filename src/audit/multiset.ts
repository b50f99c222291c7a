import { hash, randomBytes } from 'node:crypto';

/** Events per bucket: how closely a difference is located before the slow search begins. */
export const BUCKET_SIZE = 4096;

const MAX_CACHED = 50_000;

/**
 * Compares two multisets of (kind, value, seq) without holding them: for each bucket of events it keeps a sum of
 * keyed hashes. What is added from one side and taken from the other leaves zero. The key is made anew for each run,
 * so nobody can prepare entries whose sums agree; three lanes of 32 bits make chance no matter.
 */
export interface IndexSums {
  /** The keyed hash of one entry's kind and value, to be used for all its events. */
  value(kind: number, value: string): Uint32Array;
  add(value: Uint32Array, seq: number): void;
  take(value: Uint32Array, seq: number): void;
  /** Numbers of the buckets that differ; bucket b holds the events from b × BUCKET_SIZE on. */
  differing(): readonly number[];
}

export function indexSums(): IndexSums {
  const key = randomBytes(32).toString('hex');
  const buckets = new Map<number, Uint32Array>();
  const cache = new Map<string, Uint32Array>();
  let lastNumber = -1;
  let last: Uint32Array = new Uint32Array(3);

  const bucket = (seq: number): Uint32Array => {
    const number = Math.floor(seq / BUCKET_SIZE);
    if (number === lastNumber) return last;
    let found = buckets.get(number);
    if (found === undefined) {
      found = new Uint32Array(3);
      buckets.set(number, found);
    }
    lastNumber = number;
    last = found;
    return found;
  };

  return {
    value(kind, value) {
      const text = `${kind}\n${value}`;
      const cached = cache.get(text);
      if (cached !== undefined) return cached;
      const digest = hash('sha256', `${key}\n${text}`, 'buffer');
      const lanes = new Uint32Array([digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8)]);
      if (cache.size >= MAX_CACHED) cache.clear();
      cache.set(text, lanes);
      return lanes;
    },
    add(value, seq) {
      const sums = bucket(seq);
      for (let i = 0; i < 3; i++) sums[i] = ((sums[i] ?? 0) + mix((value[i] ?? 0) ^ seq)) >>> 0;
    },
    take(value, seq) {
      const sums = bucket(seq);
      for (let i = 0; i < 3; i++) sums[i] = ((sums[i] ?? 0) - mix((value[i] ?? 0) ^ seq)) >>> 0;
    },
    differing: () =>
      [...buckets]
        .filter(([, sums]) => sums.some((sum) => sum !== 0))
        .map(([number]) => number)
        .sort((a, b) => a - b),
  };
}

/** The 32-bit finaliser of MurmurHash3: every input bit changes half of the output bits. */
function mix(input: number): number {
  let h = input;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}
