import { addToHash, hashOf } from './word-table.js';

/**
 * What lists of words say of a word in a text, as bits. The word is looked up where it stands and nothing is cut out;
 * unlike that of a `WordTable` the answer is exact.
 */
export interface ByteWords {
  /** Bits of the word from `start` to `end`, whatever its case, or 0. */
  readonly bitsAt: (bytes: Uint8Array, start: number, end: number) => number;
  /** Bits of a word in small letters, or 0. */
  readonly bitsOf: (word: string) => number;
}

/** Small letters for the letters of ASCII, anything else as it is. */
const SMALL = new Uint8Array(256);
for (let code = 0; code < 256; code++) SMALL[code] = code >= 0x41 && code <= 0x5a ? code + 32 : code;

/** Bits that say whether any word has such a hash: most words of a text are looked up no further. */
const SIEVE = 1 << 14;

/** `words` of ASCII in small letters, with eight bits each; those of the same word are put together. */
export function byteWords(words: Iterable<readonly [word: string, bits: number]>): ByteWords {
  const all = new Map<string, number>();
  for (const [word, bits] of words) all.set(word, (all.get(word) ?? 0) | bits);
  let slots = 64;
  while (slots < all.size * 2) slots *= 2;
  const mask = slots - 1;
  const sieve = new Uint8Array(SIEVE);
  // Hash, and bits with the place of the word's bytes, which a zero ends.
  const table = new Int32Array(slots * 2);
  const pool = new Uint8Array([...all.keys()].reduce((sum, word) => sum + word.length + 1, 0));
  let used = 0;
  for (const [word, bits] of all) {
    const hash = hashOf(word);
    sieve[sieveOf(hash)] = (sieve[sieveOf(hash)] ?? 0) | sieveBit(hash);
    let slot = hash & mask;
    while (table[slot * 2 + 1] !== 0) slot = (slot + 1) & mask;
    table[slot * 2] = hash;
    table[slot * 2 + 1] = (used << 8) | bits;
    for (let i = 0; i < word.length; i++) pool[used++] = word.charCodeAt(i);
    used++;
  }
  const bitsAt = (bytes: Uint8Array, start: number, end: number): number => {
    let hash = 0;
    for (let at = start; at < end; at++) hash = addToHash(hash, SMALL[bytes[at] ?? 0] ?? 0);
    if (((sieve[sieveOf(hash)] ?? 0) & sieveBit(hash)) === 0) return 0;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const found = table[slot * 2 + 1] ?? 0;
      if (found === 0) return 0;
      if (table[slot * 2] !== hash) continue;
      let from = found >>> 8;
      let at = start;
      while (at < end && pool[from] === SMALL[bytes[at] ?? 0]) {
        at++;
        from++;
      }
      if (at === end && pool[from] === 0) return found & 0xff;
    }
  };
  return {
    bitsAt,
    bitsOf: (word) => bitsAt(bytesOf(word), 0, word.length),
  };
}

/** For words of usual length: memory of its own for each costs more than to look it up. */
const SCRATCH = new Uint8Array(64);

/** The low bytes of a word's characters. They stay until the next word. */
function bytesOf(word: string): Uint8Array {
  if (word.length > SCRATCH.length) return Buffer.from(word, 'latin1');
  for (let i = 0; i < word.length; i++) SCRATCH[i] = word.charCodeAt(i);
  return SCRATCH;
}

/** The high bits, because the low ones choose the slot. */
function sieveOf(hash: number): number {
  return hash >>> 18;
}

function sieveBit(hash: number): number {
  return 1 << ((hash >>> 15) & 7);
}
