import type { TextHints } from '../text-hints.js';
import { isDigit, isUpper } from './byte-kinds.js';
import { GATHERED } from './gathered.js';
import { beginsLabel, LONGEST_NAMED, namesDigit } from './telling-words.js';

/** A bit for each of the 32 marks of ASCII; blanks, and all that isn't ASCII, have none. */
const MARK_BITS = new Int32Array(256);
for (let code = 0x21, bit = 1; code < 0x7f; code++) {
  if (/[0-9A-Za-z]/.test(String.fromCharCode(code))) continue;
  MARK_BITS[code] = bit;
  bit <<= 1;
}

/** The bits of a text's marks. */
export function marksOf(text: string): number {
  let marks = 0;
  for (const byte of Buffer.from(text, 'latin1')) marks |= MARK_BITS[byte] ?? 0;
  return marks;
}

const AT_SIGN = 0x40;
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
const LEAST_LETTERS = 3;
/** Letters or digits in a row that could be hexadecimal digits of a text. */
const LEAST_HEX = 24;

/** What is told of the words of a text and of what stands between them, one after another. */
export interface HintPass {
  readonly hints: { -readonly [hint in keyof TextHints]: TextHints[hint] };
  /** The bits of all marks. */
  marks: number;
  /** Where the last word ended. */
  end: number;
  /** The kind of what was read last, of the last that is no blank, and of the one before that. */
  last: number;
  lastSolid: number;
  solidBefore: number;
  /** Digits apart from each other so far, and letters, and words that could name digits. */
  singles: number;
  singleLetters: number;
  named: number;
  /** Digits near to each other, and where the last of them stands. */
  digits: number;
  lastDigit: number;
}

export function hintPass(wide: boolean): HintPass {
  const hints = {
    spreadDigits: false,
    manyDigits: false,
    looseDash: false,
    gluedDigits: false,
    dashedWord: false,
    spreadLetters: false,
    speltDigits: false,
    toldNumber: false,
    brokenWord: false,
    brokenNumber: false,
    hexadecimal: false,
    wide,
  };
  return {
    hints,
    marks: 0,
    end: 0,
    last: OTHER,
    lastSolid: OTHER,
    solidBefore: OTHER,
    singles: 0,
    singleLetters: 0,
    named: 0,
    digits: 0,
    lastDigit: -FURTHEST_DIGIT,
  };
}

/**
 * Words of letters, no more than 23, that neither stand alone nor could name a digit; nothing but a blank stands between them, and no
 * dash before the first.
 */
export function plainWords(pass: HintPass, count: number): void {
  pass.solidBefore = count > 1 ? LETTER : pass.lastSolid;
  pass.lastSolid = LETTER;
  pass.last = LETTER;
  pass.singles = 0;
  pass.singleLetters = 0;
  pass.named = 0;
}

/** What stands between words. @returns whether a dash is the last of it */
export function between(pass: HintPass, bytes: Uint8Array, from: number, to: number): boolean {
  let { marks, last, lastSolid, solidBefore } = pass;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] ?? 0;
    const kind = KINDS[byte] ?? OTHER;
    if (kind !== BLANK) {
      marks |= MARK_BITS[byte] ?? 0;
      if (byte === AT_SIGN) GATHERED.atSigns.push(at);
      if (kind === DASH) {
        if (
          lastSolid === DIGIT &&
          (last === BLANK || isBlankOrDash(at + 1 < bytes.length ? bytes[at + 1] : 0))
        )
          pass.hints.looseDash = true;
      } else if (kind === LINE_END) noteLineEnd(pass, lastSolid, solidBefore);
      if (kind !== OTHER || last !== OTHER) {
        solidBefore = lastSolid;
        lastSolid = kind;
      }
    }
    last = kind;
  }
  pass.marks = marks;
  pass.last = last;
  pass.lastSolid = lastSolid;
  pass.solidBefore = solidBefore;
  return last === DASH;
}

/** Behind the text, as at the end of each line, what a line end decides is decided. */
export function endOfText(pass: HintPass): void {
  noteLineEnd(pass, pass.lastSolid, pass.solidBefore);
}

function noteLineEnd({ hints }: HintPass, lastSolid: number, solidBefore: number): void {
  if (endsNumber(lastSolid, solidBefore)) hints.brokenNumber = true;
  else if (lastSolid === DASH && solidBefore === LETTER) hints.brokenWord = true;
}

/** A word of letters. */
export function letters(pass: HintPass, bytes: Uint8Array, start: number, end: number): void {
  const { hints } = pass;
  const size = end - start;
  if (size >= LEAST_HEX) hints.hexadecimal = true;
  if (beginsLabel(bytes, start, size)) hints.toldNumber = true;
  noteLetters(pass, bytes, start, end);
}

function noteLetters(pass: HintPass, bytes: Uint8Array, start: number, end: number): void {
  const { hints } = pass;
  const size = end - start;
  if (pass.last === DIGIT) hints.gluedDigits = true;
  else if (pass.last === DASH && pass.solidBefore === DIGIT) hints.dashedWord = true;
  pass.singles = 0;
  pass.singleLetters = size === 1 ? pass.singleLetters + 1 : 0;
  if (pass.singleLetters >= LEAST_LETTERS) hints.spreadLetters = true;
  const couldName = size <= LONGEST_NAMED && namesDigit(bytes[start] ?? 0, bytes[end - 1] ?? 0, size);
  pass.named = couldName ? pass.named + 1 : 0;
  if (pass.named >= LEAST_SPREAD) hints.speltDigits = true;
  noteKind(pass, LETTER);
}

function noteKind(pass: HintPass, kind: number): void {
  pass.last = kind;
  pass.solidBefore = pass.lastSolid;
  pass.lastSolid = kind;
}

/** A word with digits in it: run by run from its beginning. */
export function lettersAndDigits(pass: HintPass, bytes: Uint8Array, start: number, end: number): void {
  for (let from = start; from < end; ) {
    let at = from + 1;
    if (isDigit(bytes[from])) {
      while (at < end && isDigit(bytes[at])) at++;
      noteDigits(pass, bytes, from, at);
      if (from > start && isUpper(bytes[from - 1])) GATHERED.letterDigits.push(from);
    } else {
      while (at < end && !isDigit(bytes[at])) at++;
      noteLetters(pass, bytes, from, at);
      if (from === start && beginsLabel(bytes, from, at - from)) pass.hints.toldNumber = true;
    }
    from = at;
  }
  if (end - start >= LEAST_HEX) pass.hints.hexadecimal = true;
}

function noteDigits(pass: HintPass, bytes: Uint8Array, from: number, to: number): void {
  const { hints } = pass;
  const size = to - from;
  GATHERED.digitStarts.push(from);
  GATHERED.digitEnds.push(to);
  if (size <= 5 && mayBeHouseNumber(bytes, to)) GATHERED.houseNumbers.push(from);
  if (pass.last === LETTER) hints.gluedDigits = true;
  else if (pass.last === DASH && pass.solidBefore === LETTER) hints.dashedWord = true;
  pass.named = 0;
  pass.singles = size === 1 ? pass.singles + 1 : 0;
  if (pass.singles >= LEAST_SPREAD) hints.spreadDigits = true;
  pass.digits = from - pass.lastDigit <= FURTHEST_DIGIT ? pass.digits + size : size;
  if (pass.digits >= LEAST_DIGITS) hints.manyDigits = true;
  pass.lastDigit = to - 1;
  noteKind(pass, DIGIT);
}

/** A digit, or one with a dash or mark behind it. */
function endsNumber(lastSolid: number, solidBefore: number): boolean {
  return lastSolid === DIGIT || ((lastSolid === DASH || lastSolid === MARK) && solidBefore === DIGIT);
}

function isBlankOrDash(code = 0): boolean {
  return code === 0x20 || code === 0x09 || code === 0x2d;
}

function mayBeHouseNumber(bytes: Uint8Array, end: number): boolean {
  const at = isUpper(bytes[end]) ? end + 1 : end;
  return bytes[at] === 0x20 && (isUpper(bytes[at + 1]) || isDigit(bytes[at + 1]));
}
