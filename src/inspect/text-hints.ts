/** What a text has that could be a value in disguise. False means that no finder of that kind would find any. */
export interface TextHints {
  /** Seven digits or more, each apart from the next. */
  readonly spreadDigits: boolean;
  /** Nine digits or more with less than ten characters between any two that follow each other. */
  readonly manyDigits: boolean;
  /** A dash between digits with a blank or another dash beside it. */
  readonly looseDash: boolean;
  /** A letter and a digit beside each other. */
  readonly gluedDigits: boolean;
  /** A number and a word with only a dash or an underline between them. */
  readonly dashedWord: boolean;
  /** Three words or more of one letter. */
  readonly spreadLetters: boolean;
  /** Seven words or more that could name digits. */
  readonly speltDigits: boolean;
  /** A line that ends in a dash behind a letter. */
  readonly brokenWord: boolean;
  /** A line that ends in a digit, or in a mark behind one. */
  readonly brokenNumber: boolean;
  /** So many hexadecimal digits in a row that they could hold text. */
  readonly hexadecimal: boolean;
  /** Anything beyond ASCII. */
  readonly wide: boolean;
}

const OTHER = 0;
const LETTER = 1;
const DIGIT = 2;
const BLANK = 3;
const DASH = 4;
const LINE_END = 5;
const MARK = 6;
/** Stands for every character beyond ASCII: all count as letters. */
const WIDE = 0x80;
const CLASSES = classes();

const LEAST_SPREAD = 7;
const LEAST_DIGITS = 9;
const FURTHEST_DIGIT = 10;
const LEAST_HEX = 24;

const ASCII = /^[\0-\x7f]*$/;

/** Characters that are looked at together. */
const PIECE = 32 * 1024;
/** Their codes, `WIDE` for all beyond ASCII, and a line end behind the last one: a string gives each for several times the price. */
const CODES = Buffer.allocUnsafeSlow(PIECE + 1);

function classes(): Uint8Array {
  const table = new Uint8Array(256);
  table[WIDE] = LETTER;
  for (let code = 0x30; code <= 0x39; code++) table[code] = DIGIT;
  for (let code = 0x41; code <= 0x5a; code++) {
    table[code] = LETTER;
    table[code + 32] = LETTER;
  }
  table[0x20] = BLANK;
  table[0x09] = BLANK;
  table[0x2d] = DASH;
  table[0x5f] = DASH;
  table[0x0a] = LINE_END;
  for (const mark of './') table[mark.charCodeAt(0)] = MARK;
  return table;
}

/** Looks at a normalised text once, so that the patterns of its disguises are only tried on texts that could have any. */
export function textHints(text: string): TextHints {
  let spreadDigits = false;
  let manyDigits = false;
  let looseDash = false;
  let gluedDigits = false;
  let dashedWord = false;
  let spreadLetters = false;
  let speltDigits = false;
  let brokenWord = false;
  let brokenNumber = false;
  let hexadecimal = false;
  let wide = false;
  let last = OTHER;
  /** Of the last character that is no blank, and of the one before it. */
  let lastSolid = OTHER;
  let solidBefore = OTHER;
  /** Digits apart from each other so far, and letters, and words that could name digits. */
  let singles = 0;
  let singleLetters = 0;
  let named = 0;
  let digits = 0;
  let lastDigit = -FURTHEST_DIGIT;
  let hexStart = 0;
  /** The run of letters or of digits that is being read: where it begins, and its first and its last code. */
  let start = 0;
  let first = 0;
  let before = 0;
  const { length } = text;
  for (let from = 0; from <= length; from += PIECE) {
    const size = Math.min(PIECE, length - from);
    if (codesOf(text, from, size)) wide = true;
    // Behind the text, as at the end of each line, what a line end decides is decided.
    const end = from + size + (from + size === length && size < PIECE ? 1 : 0);
    for (let at = from; at < end; at++) {
      const code = CODES[at - from] ?? 0;
      const kind = CLASSES[code] ?? OTHER;
      if (kind === last && kind <= BLANK) {
        before = code;
        continue;
      }
      if (last === LETTER) {
        const letters = at - start;
        if (at - hexStart >= LEAST_HEX) hexadecimal = true;
        singleLetters = letters === 1 ? singleLetters + 1 : 0;
        if (singleLetters >= 3) spreadLetters = true;
        named = letters <= 5 && namesDigit(first, before, letters) ? named + 1 : 0;
        if (named >= LEAST_SPREAD) speltDigits = true;
      } else if (last === DIGIT) {
        const count = at - start;
        if (at - hexStart >= LEAST_HEX) hexadecimal = true;
        singles = count === 1 ? singles + 1 : 0;
        if (singles >= LEAST_SPREAD) spreadDigits = true;
        digits = start - lastDigit < FURTHEST_DIGIT ? digits + count : count;
        if (digits >= LEAST_DIGITS) manyDigits = true;
        lastDigit = at - 1;
      }
      if (kind === LETTER) {
        if (last !== DIGIT) hexStart = at;
        if (last === DIGIT) gluedDigits = true;
        else if (last === DASH && solidBefore === DIGIT) dashedWord = true;
        singles = 0;
        start = at;
        first = code;
      } else if (kind === DIGIT) {
        if (last !== LETTER) hexStart = at;
        if (last === LETTER) gluedDigits = true;
        else if (last === DASH && solidBefore === LETTER) dashedWord = true;
        named = 0;
        start = at;
      } else if (kind === DASH) {
        if (lastSolid === DIGIT && (last === BLANK || isBlankOrDash(text.charCodeAt(at + 1))))
          looseDash = true;
      } else if (kind === LINE_END) {
        if (lastSolid === DIGIT) brokenNumber = true;
        else if (lastSolid === DASH || lastSolid === MARK) {
          if (solidBefore === DIGIT) brokenNumber = true;
          else if (lastSolid === DASH && solidBefore === LETTER) brokenWord = true;
        }
      }
      before = code;
      last = kind;
      if (kind !== BLANK) {
        solidBefore = lastSolid;
        lastSolid = kind;
      }
    }
  }
  return {
    spreadDigits,
    manyDigits,
    looseDash,
    gluedDigits,
    dashedWord,
    spreadLetters,
    speltDigits,
    brokenWord,
    brokenNumber,
    hexadecimal,
    wide,
  };
}

/** Puts the codes of a piece into `CODES`; says whether any is beyond ASCII. */
function codesOf(text: string, from: number, size: number): boolean {
  const piece = text.slice(from, from + size);
  CODES[size] = 0x0a;
  if (ASCII.test(piece)) {
    CODES.write(piece, 0, size, 'latin1');
    return false;
  }
  for (let at = 0; at < size; at++) CODES[at] = Math.min(WIDE, piece.charCodeAt(at));
  return true;
}

function isBlankOrDash(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x2d;
}

/** By the first and the last letter and the length: zero, oh, o, one, two, … nine, in any case. */
function namesDigit(first: number, last: number, size: number): boolean {
  const begin = first | 0x20;
  const end = last | 0x20;
  if (size === 3)
    return (
      (begin === 0x6f && end === 0x65) || (begin === 0x74 && end === 0x6f) || (begin === 0x73 && end === 0x78)
    );
  if (size === 4) {
    return (
      (begin === 0x7a && end === 0x6f) ||
      (begin === 0x66 && (end === 0x72 || end === 0x65)) ||
      (begin === 0x6e && end === 0x65)
    );
  }
  if (size === 5)
    return (
      (begin === 0x74 && end === 0x65) || (begin === 0x73 && end === 0x6e) || (begin === 0x65 && end === 0x74)
    );
  return begin === 0x6f && (size === 1 || (size === 2 && end === 0x68));
}
