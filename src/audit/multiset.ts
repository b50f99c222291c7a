import { hash, randomBytes, randomFillSync } from 'node:crypto';

/** Events per bucket: how closely a difference is located before the slow search begins. */
export const BUCKET_SIZE = 4096;

/** Longer values, and kinds that are none of ours, are hashed by SHA-256: an event has few of them. */
const TABULATED_LENGTH = 96;
const TABULATED_KINDS = 32;
/** Entries of the table for one place of a value: its low byte, and its high byte. */
const PLACE = 512;
/** Of a hash, 32 bits each. */
const LANES = 3;

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
  value(kind: number, value: string): ValueHash;
  add(value: ValueHash, seq: number): void;
  take(value: ValueHash, seq: number): void;
  /** Numbers of the buckets that differ; bucket b holds the events from b × BUCKET_SIZE on. */
  differing(): readonly number[];
}

export function indexSums(): IndexSums {
  const valueHash = keyedHash();
  const buckets = new Map<number, Int32Array>();
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

  return {
    value: valueHash,
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

/**
 * Simple tabulation: a random number for each place and byte, joined by XOR. Whatever two entries are prepared, their
 * hashes agree by chance alone, and it takes a tenth of the time of SHA-256, which is what a verification spends most on.
 */
function keyedHash(): (kind: number, value: string) => ValueHash {
  const key = randomBytes(32).toString('hex');
  // The lanes of an entry stand together, so that they are fetched together.
  const table = randomFillSync(new Int32Array(TABULATED_LENGTH * PLACE * LANES));
  const starts = randomFillSync(new Int32Array(TABULATED_KINDS * TABULATED_LENGTH * LANES));
  return (kind, value) => {
    const { length } = value;
    if (length >= TABULATED_LENGTH || !Number.isInteger(kind) || kind < 0 || kind >= TABULATED_KINDS) {
      const digest = hash('sha256', `${key}\n${kind}\n${value}`, 'binary');
      return { a: lane(digest, 0), b: lane(digest, 4), c: lane(digest, 8) };
    }
    const start = (kind * TABULATED_LENGTH + length) * LANES;
    let a = starts[start] ?? 0;
    let b = starts[start + 1] ?? 0;
    let c = starts[start + 2] ?? 0;
    for (let i = 0; i < length; i++) {
      const code = value.charCodeAt(i);
      const low = (i * PLACE + (code & 0xff)) * LANES;
      a ^= table[low] ?? 0;
      b ^= table[low + 1] ?? 0;
      c ^= table[low + 2] ?? 0;
      if (code < 0x100) continue;
      const high = (i * PLACE + 0x100 + (code >> 8)) * LANES;
      a ^= table[high] ?? 0;
      b ^= table[high + 1] ?? 0;
      c ^= table[high + 2] ?? 0;
    }
    return { a, b, c };
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
