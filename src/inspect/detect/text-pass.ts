import type { TextHints } from '../text-hints.js';
import { bitOf, clueWords } from './clue-words.js';
import { mayEndHealthWord } from './health-morphology.js';
import { intList } from './int-list.js';
import { beginsLabel, LONGEST_NAMED, mayTell, namesDigit } from './telling-words.js';
import { addToHash, type WordTable } from './word-table.js';

/**
 * The one pass over the characters of a text: what stands where in it (`GATHERED`), and what could be a value in disguise.
 * Both are decided where words end and between them, and to find words is what costs time.
 */

/** Stands for a character beyond ASCII: for hints a letter, and for clues what lies between words. */
export const BEYOND = 0x80;

/** Small letters for letters, digits for digits, 0 for anything else. What stands for characters beyond ASCII is a letter. */
const FOLD = new Uint8Array(256);
for (let code = 0x30; code <= 0x39; code++) FOLD[code] = code;
for (let code = 0x61; code <= 0x7a; code++) {
  FOLD[code] = code;
  FOLD[code - 32] = code;
}
FOLD[BEYOND] = BEYOND;
const LAST_DIGIT = 0x39;

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
export const GATHERED = {
  digitStarts: intList(),
  digitEnds: intList(),
  /** Start, end and bits of each word, one behind the other. */
  words: intList(),
  capitalStarts: intList(),
  capitalEnds: intList(),
  capitalHashes: intList(),
  atSigns: intList(),
  letterDigits: intList(),
  houseNumbers: intList(),
} as const;
const ALL_GATHERED = Object.values(GATHERED);
/** Numbers of one word in `GATHERED.words`. */
export const WORD = 3;

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

/** Kinds of characters, and of runs of letters or digits. */
const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const BLANK = 3;
const DASH = 4;
const LINE_END = 5;
const MARK = 6;
/** Of what stands between words. */
const KINDS = new Uint8Array(256);
KINDS[0x20] = BLANK;
KINDS[0x09] = BLANK;
KINDS[0x2d] = DASH;
KINDS[0x5f] = DASH;
KINDS[0x0a] = LINE_END;
for (const mark of './') KINDS[mark.charCodeAt(0)] = MARK;

const LEAST_SPREAD = 7;
const LEAST_DIGITS = 9;
const FURTHEST_DIGIT = 10;
const LEAST_HEX = 24;
const LEAST_LETTERS = 3;

/** What the pass says of a text as a whole. */
export interface TextPass {
  readonly hints: TextHints;
  /** The bits of all words of any clue, and of all marks. */
  readonly allBits: number;
  readonly marks: number;
}

/**
 * Reads a text once. `GATHERED` is its until the next.
 * @param bytes its characters, those beyond ASCII as `BEYOND` or as letters near to them
 * @param wide it has any of those
 */
export function passOver(bytes: Uint8Array, wide: boolean): TextPass {
  const { length } = bytes;
  const table = clueWords();
  const { digitStarts, digitEnds, capitalStarts, capitalEnds, capitalHashes } = GATHERED;
  const { atSigns, letterDigits, houseNumbers } = GATHERED;
  for (const list of ALL_GATHERED) list.clear();
  let allBits = 0;
  let marks = 0;
  let spreadDigits = false;
  let manyDigits = false;
  let looseDash = false;
  let gluedDigits = false;
  let dashedWord = false;
  let spreadLetters = false;
  let speltDigits = false;
  let toldNumber = false;
  let brokenWord = false;
  let brokenNumber = false;
  let hexadecimal = false;
  /** The kind of what was read last, of the last that is no blank, and of the one before that. */
  let last = OTHER;
  let lastSolid = OTHER;
  let solidBefore = OTHER;
  /** Digits apart from each other so far, and letters, and words that could name digits. */
  let singles = 0;
  let singleLetters = 0;
  let named = 0;
  let digits = 0;
  let lastDigit = -FURTHEST_DIGIT;

  // Nothing is read beyond the end: an array where that happens is slower from then on. No inner function touches anything
  // of this one: it would be looked up for every character. For the same reason the hash (`addToHash`) of most words is
  // written out.
  for (let at = 0; at < length; ) {
    const byte = bytes[at] ?? 0;
    let code = FOLD[byte] ?? 0;
    if (code === 0) {
      const kind = KINDS[byte] ?? OTHER;
      if (kind !== BLANK) {
        marks |= MARK_BITS[byte] ?? 0;
        if (byte === 0x40) atSigns.push(at);
        if (kind === DASH) {
          if (lastSolid === DIGIT && (last === BLANK || (at + 1 < length && isBlankOrDash(bytes[at + 1]))))
            looseDash = true;
        } else if (kind === LINE_END) {
          if (endsNumber(lastSolid, solidBefore)) brokenNumber = true;
          else if (lastSolid === DASH && solidBefore === LETTER) brokenWord = true;
        }
        if (kind !== OTHER || last !== OTHER) {
          solidBefore = lastSolid;
          lastSolid = kind;
        }
      }
      last = kind;
      at++;
      continue;
    }
    const start = at;
    let hash = 0;
    let seen = 0;
    while (code > LAST_DIGIT) {
      seen |= code;
      const mixed = Math.imul(hash ^ code, 0x01000193);
      hash = mixed ^ (mixed >>> 15);
      at++;
      if (at === length) break;
      code = FOLD[bytes[at] ?? 0] ?? 0;
    }
    const isWord = at === length || code === 0;
    if (isWord) {
      const size = at - start;
      if (last === DASH && solidBefore === DIGIT) dashedWord = true;
      if (mayTell(bytes, start, size, hash)) toldNumber = true;
      singles = 0;
      if (size <= LONGEST_NAMED) {
        singleLetters = size === 1 ? singleLetters + 1 : 0;
        if (singleLetters >= LEAST_LETTERS) spreadLetters = true;
        named = namesDigit(byte, bytes[at - 1] ?? 0, size) ? named + 1 : 0;
        if (named >= LEAST_SPREAD) speltDigits = true;
      } else {
        singleLetters = 0;
        named = 0;
        if (size >= LEAST_HEX) hexadecimal = true;
      }
      last = LETTER;
      solidBefore = lastSolid;
      lastSolid = LETTER;
      if (seen >= BEYOND) {
        allBits |= addPieces(table, bytes, start, at);
        continue;
      }
      if (size > LONGEST_WORD) continue;
      allBits |= add(table, bytes, start, at, hash);
      if (size > 1 && isUpper(byte)) {
        capitalStarts.push(start);
        capitalEnds.push(at);
        capitalHashes.push(hash);
      }
      continue;
    }
    // There are digits in it: run by run from its beginning.
    const isBroken = wide && hasBeyond(bytes, start);
    let hasDigits = false;
    at = start;
    hash = 0;
    for (code = FOLD[byte] ?? 0; code !== 0; ) {
      const from = at;
      const kind = code > LAST_DIGIT ? LETTER : DIGIT;
      while (code !== 0 && code > LAST_DIGIT === (kind === LETTER)) {
        hash = addToHash(hash, code);
        at++;
        code = at < length ? (FOLD[bytes[at] ?? 0] ?? 0) : 0;
      }
      const size = at - from;
      if (kind === LETTER) {
        if (last === DIGIT) gluedDigits = true;
        else if (last === DASH && solidBefore === DIGIT) dashedWord = true;
        singles = 0;
        singleLetters = size === 1 ? singleLetters + 1 : 0;
        if (singleLetters >= LEAST_LETTERS) spreadLetters = true;
        named =
          size <= LONGEST_NAMED && namesDigit(bytes[from] ?? 0, bytes[at - 1] ?? 0, size) ? named + 1 : 0;
        if (named >= LEAST_SPREAD) speltDigits = true;
        if (from === start && beginsLabel(bytes, from, size)) toldNumber = true;
      } else {
        if (from > start) {
          if (!hasDigits && !isBroken) allBits |= addPrefixes(table, bytes, start, from);
          if (isUpper(bytes[from - 1])) letterDigits.push(from);
        }
        hasDigits = true;
        digitStarts.push(from);
        digitEnds.push(at);
        if (size <= 5 && mayBeHouseNumber(bytes, at)) houseNumbers.push(from);
        if (last === LETTER) gluedDigits = true;
        else if (last === DASH && solidBefore === LETTER) dashedWord = true;
        named = 0;
        singles = size === 1 ? singles + 1 : 0;
        if (singles >= LEAST_SPREAD) spreadDigits = true;
        digits = from - lastDigit <= FURTHEST_DIGIT ? digits + size : size;
        if (digits >= LEAST_DIGITS) manyDigits = true;
        lastDigit = at - 1;
      }
      last = kind;
      solidBefore = lastSolid;
      lastSolid = kind;
    }
    if (at - start >= LEAST_HEX) hexadecimal = true;
    if (isBroken) allBits |= addPieces(table, bytes, start, at);
    else if (at - start <= LONGEST_WORD) allBits |= add(table, bytes, start, at, hash);
  }
  // Behind the text, as at the end of each line, what a line end decides is decided.
  if (endsNumber(lastSolid, solidBefore)) brokenNumber = true;
  else if (lastSolid === DASH && solidBefore === LETTER) brokenWord = true;
  const hints = {
    spreadDigits,
    manyDigits,
    looseDash,
    gluedDigits,
    dashedWord,
    spreadLetters,
    speltDigits,
    toldNumber,
    brokenWord,
    brokenNumber,
    hexadecimal,
    wide,
  };
  return { hints, allBits, marks };
}

/** Keeps the word if it has any bits, and gives them. */
function add(table: WordTable, bytes: Uint8Array, start: number, end: number, hash: number): number {
  let bits = table.bitsOf(hash);
  if ((bits & NAME) !== 0 && !isUpper(bytes[start])) bits &= ~NAME;
  if ((bits & TERM) === 0 && end - start >= 7 && mayEndHealthWord(bytes, end)) bits |= TERM;
  if (end - start === 1 && end < bytes.length && bytes[end] === 0x2e && isInitial(bytes, start))
    bits |= NAME_PART;
  if (bits !== 0) GATHERED.words.pushThree(start, end, bits);
  return bits;
}

/** Whether a run of letters and digits has a character beyond ASCII. */
function hasBeyond(bytes: Uint8Array, start: number): boolean {
  for (let at = start; at < bytes.length; at++) {
    const code = FOLD[bytes[at] ?? 0] ?? 0;
    if (code === 0 || code === BEYOND) return code === BEYOND;
  }
  return false;
}

/** The words of a run that characters beyond ASCII break. */
function addPieces(table: WordTable, bytes: Uint8Array, start: number, end: number): number {
  let all = 0;
  for (let from = start; from < end; from++) {
    let hash = 0;
    let firstDigit = -1;
    let at = from;
    for (; at < end && bytes[at] !== BEYOND; at++) {
      const code = FOLD[bytes[at] ?? 0] ?? 0;
      if (code <= LAST_DIGIT && firstDigit === -1) firstDigit = at;
      hash = addToHash(hash, code);
    }
    const size = at - from;
    if (firstDigit > from) all |= addPrefixes(table, bytes, from, firstDigit);
    if (size > 0 && size <= LONGEST_WORD) {
      all |= add(table, bytes, from, at, hash);
      if (firstDigit === -1 && size > 1 && isUpper(bytes[from])) {
        GATHERED.capitalStarts.push(from);
        GATHERED.capitalEnds.push(at);
        GATHERED.capitalHashes.push(hash);
      }
    }
    from = at;
  }
  return all;
}

/** A label may run into its number: "MRN12345", "MRNA12345". */
function addPrefixes(table: WordTable, bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  let all = 0;
  for (let at = start; at < Math.min(end, start + LONGEST_LABEL); at++) {
    hash = addToHash(hash, FOLD[bytes[at] ?? 0] ?? 0);
    all |= add(table, bytes, start, at + 1, hash);
  }
  return all;
}

/** A digit, or one with a dash or mark behind it. */
function endsNumber(lastSolid: number, solidBefore: number): boolean {
  return lastSolid === DIGIT || ((lastSolid === DASH || lastSolid === MARK) && solidBefore === DIGIT);
}

/** Between the groups of one number. */
const LONGEST_GAP = 3;

/** Whether so little stands between two runs of digits, and no letter, that they may be groups of one number. */
export function isGap(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > LONGEST_GAP) return false;
  for (let at = from; at < to; at++) if ((FOLD[bytes[at] ?? 0] ?? 0) > LAST_DIGIT) return false;
  return true;
}

function isBlankOrDash(code: number | undefined): boolean {
  return code === 0x20 || code === 0x09 || code === 0x2d;
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
