import { bitOf, clueWords, type WordClue } from './clue-words.js';
import { mayEndHealthWord } from './health-morphology.js';
import { type IntList, intList } from './int-list.js';
import { addToHash } from './word-table.js';

/** Where in a text something stands that is a reason to look closer. All offsets are UTF-16 code units, ascending. */
export interface TextClues {
  /** The text's ASCII shadow, and the same as bytes. */
  readonly shadow: string;
  readonly bytes: Uint8Array;
  /** Runs of digits: starts and ends. */
  readonly digitStarts: Int32Array;
  readonly digitEnds: Int32Array;
  /** Words of any clue: starts, ends and the bits of their clues (`bitOf`). */
  readonly wordStarts: Int32Array;
  readonly wordEnds: Int32Array;
  readonly wordBits: Int32Array;
  /** The bits of all of them. */
  readonly allBits: number;
  /** Those of the words that have a bit which few words have: starts and bits. */
  readonly rareStarts: Int32Array;
  readonly rareBits: Int32Array;
  /** Words of letters only, two at least, that begin with a capital: starts, ends and hashes (`hashOf`). */
  readonly capitalStarts: Int32Array;
  readonly capitalEnds: Int32Array;
  readonly capitalHashes: Int32Array;
  readonly atSigns: Int32Array;
  /** The marks that stand in it, as bits (`marksOf`). */
  readonly marks: number;
  /** Digits of each run, with those of the runs that follow it closely; no more than `MANY`. */
  readonly digitChains: Uint8Array;
  /** Starts of digit runs that follow a letter in capitals. */
  readonly letterDigits: Int32Array;
  /** Starts of digit runs that a capitalised word or an ordinal follows. */
  readonly houseNumbers: Int32Array;
}

/** Small letters for letters, digits for digits, 0 for anything else. */
const FOLD = new Uint8Array(256);
for (let code = 0x30; code <= 0x39; code++) FOLD[code] = code;
for (let code = 0x61; code <= 0x7a; code++) {
  FOLD[code] = code;
  FOLD[code - 32] = code;
}

/** Words of the vocabulary aren't longer. */
const LONGEST_WORD = 48;
/** Labels that run into a number aren't longer. */
const LONGEST_LABEL = 24;
const TERM = bitOf('term');
const NAME = bitOf('name');
const NAME_PART = bitOf('namePart');
/** Bits that many words of any text have. */
export const COMMON =
  TERM |
  NAME |
  NAME_PART |
  bitOf('nameCue') |
  bitOf('patientWord') |
  bitOf('ageUnit') |
  bitOf('recordWord') |
  bitOf('pronoun') |
  bitOf('careVerb') |
  bitOf('preposition') |
  bitOf('column');

/** What is gathered while a text is read; the same memory for one text after the other. */
const GATHERED = {
  digitStarts: intList(),
  digitEnds: intList(),
  wordStarts: intList(),
  wordEnds: intList(),
  wordBits: intList(),
  rareStarts: intList(),
  rareBits: intList(),
  capitalStarts: intList(),
  capitalEnds: intList(),
  capitalHashes: intList(),
  atSigns: intList(),
  letterDigits: intList(),
  houseNumbers: intList(),
} as const;
const ALL_GATHERED = Object.values(GATHERED);

const EMPTY = new Int32Array(0);

/** All that was gathered, in memory of its own. */
function gathered() {
  let size = 0;
  for (const list of ALL_GATHERED) size += list.size();
  const values = size === 0 ? EMPTY : new Int32Array(size);
  let at = 0;
  const next = (list: IntList): Int32Array => {
    // Most lists of most texts are empty, and views cost more than what they show.
    if (list.size() === 0) return EMPTY;
    const from = at;
    list.copyTo(values, from);
    at += list.size();
    return values.subarray(from, at);
  };
  return {
    digitStarts: next(GATHERED.digitStarts),
    digitEnds: next(GATHERED.digitEnds),
    wordStarts: next(GATHERED.wordStarts),
    wordEnds: next(GATHERED.wordEnds),
    wordBits: next(GATHERED.wordBits),
    rareStarts: next(GATHERED.rareStarts),
    rareBits: next(GATHERED.rareBits),
    capitalStarts: next(GATHERED.capitalStarts),
    capitalEnds: next(GATHERED.capitalEnds),
    capitalHashes: next(GATHERED.capitalHashes),
    atSigns: next(GATHERED.atSigns),
    letterDigits: next(GATHERED.letterDigits),
    houseNumbers: next(GATHERED.houseNumbers),
  };
}

/** A bit for each of the 32 marks of ASCII; blanks, and all that isn't ASCII, have none. */
const MARK_BITS = new Int32Array(256);
for (let code = 0x21, bit = 1; code < 0x7f; code++) {
  if (FOLD[code] !== 0) continue;
  MARK_BITS[code] = bit;
  bit <<= 1;
}

/** The bits of a text's marks. */
export function marksOf(text: string): number {
  let marks = 0;
  for (const byte of Buffer.from(text, 'latin1')) marks |= MARK_BITS[byte] ?? 0;
  return marks;
}

/** Between the groups of one number. */
const LONGEST_GAP = 3;
/** More digits than any clue asks for together. */
const MANY = 64;
const NO_CHAINS = new Uint8Array(0);

function digitChains(bytes: Uint8Array, digitStarts: Int32Array, digitEnds: Int32Array): Uint8Array {
  if (digitStarts.length === 0) return NO_CHAINS;
  const totals = new Uint8Array(digitStarts.length);
  let behind = 0;
  for (let i = digitStarts.length - 1; i >= 0; i--) {
    const end = digitEnds[i] ?? 0;
    const own = end - (digitStarts[i] ?? 0);
    const goesOn = i + 1 < digitStarts.length && isGap(bytes, end, digitStarts[i + 1] ?? 0);
    behind = Math.min(MANY, goesOn ? own + behind : own);
    totals[i] = behind;
  }
  return totals;
}

function isGap(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > LONGEST_GAP) return false;
  for (let at = from; at < to; at++) if ((FOLD[bytes[at] ?? 0] ?? 0) > 0x39) return false;
  return true;
}

/** Reads a text once for all clues. `shadow` is its `asciiShadow`. */
export function textClues(shadow: string): TextClues {
  const bytes = Buffer.from(shadow, 'latin1');
  const table = clueWords();
  const {
    digitStarts,
    digitEnds,
    wordStarts,
    wordEnds,
    wordBits,
    rareStarts,
    rareBits,
    capitalStarts,
    capitalEnds,
    capitalHashes,
    atSigns,
    letterDigits,
    houseNumbers,
  } = GATHERED;
  for (const list of ALL_GATHERED) list.clear();
  let allBits = 0;
  let marks = 0;
  const { length } = bytes;
  const add = (start: number, end: number, hash: number) => {
    let bits = table.bitsOf(hash);
    if ((bits & NAME) !== 0 && !isUpper(bytes[start])) bits &= ~NAME;
    if ((bits & TERM) === 0 && end - start >= 7 && mayEndHealthWord(bytes, end)) bits |= TERM;
    if (end - start === 1 && bytes[end] === 0x2e && isInitial(bytes, start)) bits |= NAME_PART;
    if (bits === 0) return;
    allBits |= bits;
    wordStarts.push(start);
    wordEnds.push(end);
    wordBits.push(bits);
    if ((bits & ~COMMON) !== 0) {
      rareStarts.push(start);
      rareBits.push(bits);
    }
  };
  /** A label may run into its number: "MRN12345", "MRNA12345". */
  const addPrefixes = (start: number, end: number) => {
    let hash = 0;
    for (let at = start; at < Math.min(end, start + LONGEST_LABEL); at++) {
      hash = addToHash(hash, FOLD[bytes[at] ?? 0] ?? 0);
      add(start, at + 1, hash);
    }
  };
  for (let at = 0; at < length; ) {
    const byte = bytes[at] ?? 0;
    const first = FOLD[byte] ?? 0;
    if (first === 0) {
      marks |= MARK_BITS[byte] ?? 0;
      if (byte === 0x40) atSigns.push(at);
      at++;
      continue;
    }
    const start = at;
    let hash = 0;
    let digitsFrom = length;
    for (let code = first; code !== 0; code = FOLD[bytes[at] ?? 0] ?? 0) {
      hash = addToHash(hash, code);
      if (code <= 0x39) {
        const runStart = at;
        if (runStart > start && digitsFrom === length) addPrefixes(start, runStart);
        if (digitsFrom === length) digitsFrom = runStart;
        do at++;
        while (isDigit(bytes[at]));
        for (let digit = runStart + 1; digit < at; digit++) hash = addToHash(hash, bytes[digit] ?? 0);
        digitStarts.push(runStart);
        digitEnds.push(at);
        if (runStart > start && isUpper(bytes[runStart - 1])) letterDigits.push(runStart);
        if (at - runStart <= 5 && mayBeHouseNumber(bytes, at)) houseNumbers.push(runStart);
      } else {
        at++;
      }
      if (at >= length) break;
    }
    if (at - start > LONGEST_WORD) continue;
    add(start, at, hash);
    if (digitsFrom === length && at - start > 1 && isUpper(bytes[start])) {
      capitalStarts.push(start);
      capitalEnds.push(at);
      capitalHashes.push(hash);
    }
  }
  const lists = gathered();
  return {
    shadow,
    bytes,
    allBits,
    marks,
    digitChains: digitChains(bytes, lists.digitStarts, lists.digitEnds),
    ...lists,
  };
}

/** Where words of a clue begin. */
export function wordPlaces(clues: TextClues, clue: WordClue): readonly number[] {
  const bit = bitOf(clue);
  if ((clues.allBits & bit) === 0) return [];
  const rare = (bit & COMMON) === 0;
  const starts = rare ? clues.rareStarts : clues.wordStarts;
  const bits = rare ? clues.rareBits : clues.wordBits;
  const places: number[] = [];
  for (let i = 0; i < starts.length; i++) if (((bits[i] ?? 0) & bit) !== 0) places.push(starts[i] ?? 0);
  return places;
}

/** Whether a word of a clue begins in a stretch. */
export function hasWord(clues: TextClues, clue: WordClue, from: number, to: number): boolean {
  const bit = bitOf(clue);
  if ((clues.allBits & bit) === 0) return false;
  const rare = (bit & COMMON) === 0;
  const starts = rare ? clues.rareStarts : clues.wordStarts;
  const bits = rare ? clues.rareBits : clues.wordBits;
  for (let i = firstFrom(starts, from); i < starts.length; i++) {
    if ((starts[i] ?? to) >= to) return false;
    if (((bits[i] ?? 0) & bit) !== 0) return true;
  }
  return false;
}

/** Index of the first value that isn't below `least`; `sorted` is ascending. */
export function firstFrom(sorted: Int32Array, least: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

function isUpper(code: number | undefined): boolean {
  return code !== undefined && code >= 0x41 && code <= 0x5a;
}

/** A letter and a point, and a word of capital and small letters behind them. */
function isInitial(bytes: Uint8Array, at: number): boolean {
  if (!isUpper(bytes[at])) return false;
  const next = bytes[at + 2] === 0x20 ? at + 3 : at + 2;
  const second = bytes[next + 1] ?? 0;
  return (
    isUpper(bytes[next]) &&
    ((second >= 0x61 && second <= 0x7a) || (second === 0x27 && isUpper(bytes[next + 2])))
  );
}

function mayBeHouseNumber(bytes: Uint8Array, end: number): boolean {
  const at = isUpper(bytes[end]) ? end + 1 : end;
  return bytes[at] === 0x20 && (isUpper(bytes[at + 1]) || isDigit(bytes[at + 1]));
}
