/*
 * Hashes of words that take four characters at a time: to take them one by one is what costs most of finding words. They are
 * read from memory that goes on for eight bytes behind the word.
 */

/** Makes small letters of four capital ones; small letters and digits have these bits. */
const SMALL_LETTERS = 0x20202020;

/** No word that is asked for is longer. */
const LONGEST = 48;
/** What is kept of four characters, by how many behind the fourth before them belong to the word. */
const KEPT = Int32Array.from({ length: LONGEST + 5 }, (_, place) => firstBytes(place - 4));

function firstBytes(count: number): number {
  return count >= 4 ? -1 : (1 << (8 * Math.max(0, count))) - 1;
}

/** Mixes upwards and downwards: low and high bits choose places in a table. */
function mixed(hash: number, four: number): number {
  const product = Math.imul(hash ^ four, 0x5bd1e995);
  return product ^ (product >>> 15);
}

/** The hash of a word of letters and digits, no more than 48. That of most needs no loop: the shortest are hashed as eight, too. */
export function packedHash(view: DataView, start: number, size: number): number {
  const first = (view.getInt32(start, true) | SMALL_LETTERS) & (KEPT[size + 4] ?? 0);
  const next = (view.getInt32(start + 4, true) | SMALL_LETTERS) & (KEPT[size] ?? 0);
  const hash = mixed(mixed(0, first), next);
  return size <= 8 ? hash : withRest(hash, view, start, size);
}

function withRest(hash: number, view: DataView, start: number, size: number): number {
  let all = hash;
  for (let done = 8; done < size; done += 4)
    all = mixed(all, (view.getInt32(start + done, true) | SMALL_LETTERS) & (KEPT[size - done + 4] ?? 0));
  return all;
}

/** The same of a word in small letters. */
export function packedHashOf(word: string): number {
  const bytes = new Uint8Array(word.length + 8);
  bytes.set(Buffer.from(word, 'latin1'));
  return packedHash(new DataView(bytes.buffer), 0, Math.min(word.length, LONGEST));
}
