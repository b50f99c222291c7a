/**
 * Says of a word, by a hash of its small letters, for which purposes it could matter. Two words with one hash share
 * their bits, so an answer is a reason to look closer and never a finding.
 */
export interface WordTable {
  /** Bits of a hash, or 0. The hash of a word is that with which the table was made. */
  readonly bitsOf: (hash: number) => number;
}

/** Slots; a power of two, at least twice the number of words. */
const LEAST_SLOTS = 1 << 12;
/** Bytes of bits that say whether any word has such a hash: most words of a text are asked no further. */
const SIEVE = 1 << 16;

/**
 * @param words in small letters and digits
 * @param hashed gives the hash of a word, by which it is asked for
 */
export function wordTable(
  words: Iterable<readonly [word: string, bits: number]>,
  hashed: (word: string) => number = hashOf,
): WordTable {
  const byHash = new Map<number, number>();
  for (const [word, bits] of words) {
    const hash = hashed(word);
    byHash.set(hash, (byHash.get(hash) ?? 0) | bits);
  }
  let slots = LEAST_SLOTS;
  while (slots < byHash.size * 2) slots *= 2;
  const mask = slots - 1;
  const sieve = new Uint8Array(SIEVE);
  // Hash and bits side by side: memory is read once for both.
  const pairs = new Int32Array(slots * 2);
  for (const [hash, bits] of byHash) {
    sieve[sieveOf(hash)] = (sieve[sieveOf(hash)] ?? 0) | sieveBit(hash);
    let slot = hash & mask;
    while (pairs[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    pairs[slot * 2] = hash;
    pairs[slot * 2 + 1] = bits;
  }
  return {
    bitsOf(hash) {
      if (((sieve[sieveOf(hash)] ?? 0) & sieveBit(hash)) === 0) return 0;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const bits = pairs[slot * 2 + 1] ?? 0;
        if (bits === 0 || pairs[slot * 2] === hash) return bits;
      }
    },
  };
}

/** The high bits, because the low ones choose the slot. */
function sieveOf(hash: number): number {
  return hash >>> 16;
}

function sieveBit(hash: number): number {
  return 1 << ((hash >>> 13) & 7);
}

export function hashOf(word: string): number {
  let hash = 0;
  for (let i = 0; i < word.length; i++) hash = addToHash(hash, word.charCodeAt(i));
  return hash;
}

/** One more letter or digit. Mixes upwards and downwards: the low bits choose the slot. */
export function addToHash(hash: number, code: number): number {
  const mixed = Math.imul(hash ^ code, 0x01000193);
  return mixed ^ (mixed >>> 15);
}
