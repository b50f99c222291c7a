/**
 * Says of a word, by a hash of its small letters, for which purposes it could matter. Two words with one hash share
 * their bits, so an answer is a reason to look closer and never a finding.
 */
export interface WordTable {
  /** Bits of a hash, or 0. The hash of a word is `hashOf`, folded letter by letter. */
  readonly bitsOf: (hash: number) => number;
}

/** Slots; a power of two, at least twice the number of words. */
const LEAST_SLOTS = 1 << 12;

/** `words` in small letters and digits. */
export function wordTable(words: Iterable<readonly [word: string, bits: number]>): WordTable {
  const byHash = new Map<number, number>();
  for (const [word, bits] of words) {
    const hash = hashOf(word);
    byHash.set(hash, (byHash.get(hash) ?? 0) | bits);
  }
  let slots = LEAST_SLOTS;
  while (slots < byHash.size * 4) slots *= 2;
  const mask = slots - 1;
  const keys = new Int32Array(slots);
  const values = new Int32Array(slots);
  for (const [hash, bits] of byHash) {
    let slot = hash & mask;
    while (values[slot] !== 0) slot = (slot + 1) & mask;
    keys[slot] = hash;
    values[slot] = bits;
  }
  return {
    bitsOf(hash) {
      for (let slot = hash & mask; values[slot] !== 0; slot = (slot + 1) & mask) {
        if (keys[slot] === hash) return values[slot] ?? 0;
      }
      return 0;
    },
  };
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
