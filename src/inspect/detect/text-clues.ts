import { BEYOND } from './byte-kinds.js';
import { bitOf, type WordClue } from './clue-words.js';
import { CAPITAL, GATHERED, WORD } from './gathered.js';
import type { IntList } from './int-list.js';
import { passOver, type TextPass } from './text-pass.js';

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
  /** Words of letters only, two at least, that begin with a capital: starts and ends. */
  readonly capitalStarts: Int32Array;
  readonly capitalEnds: Int32Array;
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

/** Bits that many words of any text have. */
const COMMON_CLUES: readonly WordClue[] = [
  'term',
  'name',
  'namePart',
  'nameCue',
  'patientWord',
  'ageUnit',
  'recordWord',
  'pronoun',
  'careVerb',
  'preposition',
  'column',
];
const COMMON = COMMON_CLUES.reduce((bits, clue) => bits | bitOf(clue), 0);

const EMPTY = new Int32Array(0);

/** Numbers of one piece of memory, which the lists of many short texts share: a piece for each costs more than to fill it. */
const SLAB = 16_384;
/** Longer lists have memory of their own. */
const LONGEST_SHARED = SLAB / 8;
let slab = EMPTY;
let slabUsed = 0;

const { words, capitals, ...PLAIN_LISTS } = GATHERED;
const LISTS = Object.values(PLAIN_LISTS);

/** All that was gathered, in memory of its own. */
function gathered() {
  const kept = words.values();
  const count = words.size() / WORD;
  let rare = 0;
  for (let i = 0; i < count; i++) if (((kept[i * WORD + 2] ?? 0) & ~COMMON) !== 0) rare++;
  let size = words.size() + rare * 2 + capitals.size();
  for (const list of LISTS) size += list.size();
  const isShared = size <= LONGEST_SHARED;
  if (isShared && slabUsed + size > slab.length) {
    slab = new Int32Array(SLAB);
    slabUsed = 0;
  }
  const values = isShared ? slab : new Int32Array(size);
  let end = isShared ? slabUsed : 0;
  if (isShared) slabUsed += size;
  /** Room for so many. Most lists of most texts are empty, and views cost more than what they show. */
  const room = (length: number): Int32Array => {
    if (length === 0) return EMPTY;
    end += length;
    return values.subarray(end - length, end);
  };
  const next = (list: IntList): Int32Array => {
    const view = room(list.size());
    if (view.length > 0) list.copyTo(values, end - view.length);
    return view;
  };
  const wordStarts = room(count);
  const wordEnds = room(count);
  const wordBits = room(count);
  const rareStarts = room(rare);
  const rareBits = room(rare);
  const capitalStarts = room(capitals.size() / CAPITAL);
  const capitalEnds = room(capitals.size() / CAPITAL);
  const capitalised = capitals.values();
  for (let i = 0, nth = 0; i < count; i++) {
    const start = kept[i * WORD] ?? 0;
    const bits = kept[i * WORD + 2] ?? 0;
    wordStarts[i] = start;
    wordEnds[i] = kept[i * WORD + 1] ?? 0;
    wordBits[i] = bits;
    if ((bits & ~COMMON) === 0) continue;
    rareStarts[nth] = start;
    rareBits[nth] = bits;
    nth++;
  }
  for (let i = 0; i < capitalStarts.length; i++) {
    capitalStarts[i] = capitalised[i * CAPITAL] ?? 0;
    capitalEnds[i] = capitalised[i * CAPITAL + 1] ?? 0;
  }
  return {
    digitStarts: next(GATHERED.digitStarts),
    digitEnds: next(GATHERED.digitEnds),
    wordStarts,
    wordEnds,
    wordBits,
    rareStarts,
    rareBits,
    capitalStarts,
    capitalEnds,
    atSigns: next(GATHERED.atSigns),
    letterDigits: next(GATHERED.letterDigits),
    houseNumbers: next(GATHERED.houseNumbers),
  };
}

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

/** Between the groups of one number. */
const LONGEST_GAP = 3;

/** Whether so little stands between two runs of digits, and no letter, that they may be groups of one number. */
function isGap(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > LONGEST_GAP) return false;
  for (let at = from; at < to; at++) if (isLetter(bytes[at] ?? 0)) return false;
  return true;
}

function isLetter(code: number): boolean {
  const small = code | 0x20;
  return (small >= 0x61 && small <= 0x7a) || code === BEYOND;
}

/** Reads a text once for all clues. `shadow` is its `asciiShadow`. */
export function textClues(shadow: string): TextClues {
  const bytes = Buffer.from(shadow, 'latin1');
  return cluesOf(shadow, bytes, passOver(bytes, false));
}

/** The clues of the text that was passed over last. */
export function cluesOf(shadow: string, bytes: Uint8Array, { allBits, marks }: TextPass): TextClues {
  const lists = gathered();
  const chains = digitChains(bytes, lists.digitStarts, lists.digitEnds);
  return cluesWith(shadow, bytes, allBits, marks, chains, lists);
}

/** The clues of a text without the line breaks behind it: nothing that stands in it looks so far. */
export function cluesUntil(clues: TextClues, text: string): TextClues {
  if (clues.shadow.length === text.length) return clues;
  const { shadow, bytes, allBits, marks } = clues;
  const { length } = text;
  return cluesWith(
    shadow.slice(0, length),
    bytes.subarray(0, length),
    allBits,
    marks,
    clues.digitChains,
    clues,
  );
}

/** All are made here, so that they have one shape: rules read them all the time. */
function cluesWith(
  shadow: string,
  bytes: Uint8Array,
  allBits: number,
  marks: number,
  chains: Uint8Array,
  lists: ReturnType<typeof gathered>,
): TextClues {
  return {
    shadow,
    bytes,
    digitStarts: lists.digitStarts,
    digitEnds: lists.digitEnds,
    wordStarts: lists.wordStarts,
    wordEnds: lists.wordEnds,
    wordBits: lists.wordBits,
    allBits,
    rareStarts: lists.rareStarts,
    rareBits: lists.rareBits,
    capitalStarts: lists.capitalStarts,
    capitalEnds: lists.capitalEnds,
    atSigns: lists.atSigns,
    marks,
    digitChains: chains,
    letterDigits: lists.letterDigits,
    houseNumbers: lists.houseNumbers,
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
