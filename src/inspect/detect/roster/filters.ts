/*
 * Bit sets that say of a hash "surely not" or "perhaps". Each takes the words of its bits and is as long as a power
 * of two.
 */

/** Sets the two bits of a hash. */
export function addToFilter(bits: Uint32Array, hash: number): void {
  const mask = bits.length * 32 - 1;
  const first = hash & mask;
  const second = other(hash) & mask;
  bits[first >>> 5] = (bits[first >>> 5] ?? 0) | (1 << (first & 31));
  bits[second >>> 5] = (bits[second >>> 5] ?? 0) | (1 << (second & 31));
}

export function mayContain(bits: Uint32Array, hash: number): boolean {
  const mask = bits.length * 32 - 1;
  const first = hash & mask;
  if ((((bits[first >>> 5] ?? 0) >>> (first & 31)) & 1) === 0) return false;
  const second = other(hash) & mask;
  return (((bits[second >>> 5] ?? 0) >>> (second & 31)) & 1) !== 0;
}

function other(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return mixed ^ (mixed >>> 15);
}

/** Words of one block: all bits of a pair lie in one line of the processor's cache. */
const BLOCK = 16;

/** Sets three bits for a pair of hashes, in any order. */
export function addPair(bits: Uint32Array, a: number, b: number): void {
  const block = blockOf(bits, a, b);
  let places = placesOf(a, b);
  for (let i = 0; i < 3; i++) {
    const word = block + ((places >>> 5) & 15);
    bits[word] = (bits[word] ?? 0) | (1 << (places & 31));
    places >>>= 9;
  }
}

export function mayContainPair(bits: Uint32Array, a: number, b: number): boolean {
  const block = blockOf(bits, a, b);
  let places = placesOf(a, b);
  for (let i = 0; i < 3; i++) {
    if ((((bits[block + ((places >>> 5) & 15)] ?? 0) >>> (places & 31)) & 1) === 0) return false;
    places >>>= 9;
  }
  return true;
}

function blockOf(bits: Uint32Array, a: number, b: number): number {
  const mixed = Math.imul((a + b) ^ Math.imul(a ^ b, 0x2c1b3c6d), 0x297a2d39);
  return ((mixed ^ (mixed >>> 15)) & (bits.length / BLOCK - 1)) * BLOCK;
}

function placesOf(a: number, b: number): number {
  const mixed = Math.imul((a ^ b) + Math.imul(a + b, 0x165667b1), 0x27d4eb2f);
  return mixed ^ (mixed >>> 14);
}
