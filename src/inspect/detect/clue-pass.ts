import { BEYOND, isDigit, isUpper } from './byte-kinds.js';
import { bitOf, clueWords } from './clue-words.js';
import { GATHERED } from './gathered.js';
import { mayEndHealthWord } from './health-morphology.js';
import { packedHash } from './packed-words.js';

/** Words of the vocabulary aren't longer. */
const LONGEST_WORD = 48;
/** Labels that run into a number aren't longer. */
const LONGEST_LABEL = 24;
/** Words with an ending of the vocabulary aren't shorter. */
const LEAST_HEALTH_WORD = 7;
const FULL_STOP = 0x2e;
const TERM = bitOf('term');
const NAME = bitOf('name');
const NAME_PART = bitOf('namePart');
const TELLS = bitOf('tellsNumber');

/** The bits of a word that begins with `first`, as `known` by its hash and as told by its end. */
export function wordBits(known: number, first: number, view: DataView, end: number, size: number): number {
  const bits = isUpper(first) ? known : known & ~NAME;
  return size >= LEAST_HEALTH_WORD && mayEndHealthWord(view.getInt32(end - 4, true)) ? bits | TERM : bits;
}

/** What a single letter is besides, if it is an initial of the name behind it. */
export function initialBits(text: Uint8Array, at: number): number {
  if (!isUpper(text[at]) || text[at + 1] !== FULL_STOP) return 0;
  const next = text[at + 2] === 0x20 ? at + 3 : at + 2;
  const second = text[next + 1] ?? 0;
  const isName = (second >= 0x61 && second <= 0x7a) || (second === 0x27 && isUpper(text[next + 2]));
  return isUpper(text[next]) && isName ? NAME_PART : 0;
}

/** Adds the words of a run that has digits, or characters beyond ASCII, which break it, or many letters. */
export function addOddWord(text: Uint8Array, start: number, end: number): number {
  let all = 0;
  for (let from = start; from < end; from++) {
    let firstDigit = -1;
    let at = from;
    for (; at < end && text[at] !== BEYOND; at++) if (firstDigit === -1 && isDigit(text[at])) firstDigit = at;
    const size = at - from;
    if (size > 0) {
      take(text, from, Math.min(size, LONGEST_WORD));
      // A label may run into its number: "MRN12345", "MRNA12345".
      const label = Math.min(firstDigit - from, LONGEST_LABEL);
      for (let part = 1; part <= label; part++) all |= addTaken(text, from, part);
      if (size <= LONGEST_WORD) {
        all |= addTaken(text, from, size);
        if (firstDigit === -1 && size > 1 && isUpper(text[from])) {
          GATHERED.capitals.push(from);
          GATHERED.capitals.push(at);
        }
      }
    }
    from = at;
  }
  // Those are asked of words that stand alone.
  return all & ~TELLS;
}

/** The word that is looked up, with room to read more. */
const TAKEN = new Uint8Array(LONGEST_WORD + 8);
const TAKEN_VIEW = new DataView(TAKEN.buffer);

function take(text: Uint8Array, start: number, size: number): void {
  for (let i = 0; i < size; i++) TAKEN[i] = text[start + i] ?? 0;
}

/** Keeps the word if it has any bits, and gives them: it begins what was taken. */
function addTaken(text: Uint8Array, start: number, size: number): number {
  const known = clueWords().bitsOf(packedHash(TAKEN_VIEW, 0, size));
  let bits = wordBits(known, TAKEN[0] ?? 0, TAKEN_VIEW, size, size);
  if (size === 1) bits |= initialBits(text, start);
  if (bits !== 0) GATHERED.words.pushThree(start, start + size, bits);
  return bits;
}
