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
const CLASSES = classes();

const LEAST_SPREAD = 7;
const LEAST_DIGITS = 9;
const FURTHEST_DIGIT = 10;
const LEAST_HEX = 24;

function classes(): Uint8Array {
  const table = new Uint8Array(128);
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
  const { length } = text;
  for (let at = 0; at <= length; ) {
    const code = at < length ? text.charCodeAt(at) : 0x0a;
    const kind = code > 0x7f ? LETTER : (CLASSES[code] ?? OTHER);
    if (kind === LETTER) {
      if (last !== DIGIT) hexStart = at;
      const start = at;
      let end = code;
      for (let next = code; next > 0x7f || CLASSES[next] === LETTER; next = text.charCodeAt(at)) {
        if (next > 0x7f) wide = true;
        end = next;
        at += 1;
        if (at >= length) break;
      }
      const size = at - start;
      if (at - hexStart >= LEAST_HEX) hexadecimal = true;
      if (last === DIGIT) gluedDigits = true;
      else if (last === DASH && solidBefore === DIGIT) dashedWord = true;
      singleLetters = size === 1 ? singleLetters + 1 : 0;
      if (singleLetters >= 3) spreadLetters = true;
      if (size <= 5 && namesDigit(code, end, size)) {
        named += 1;
        if (named >= LEAST_SPREAD) speltDigits = true;
      } else named = 0;
      singles = 0;
    } else if (kind === DIGIT) {
      if (last !== LETTER) hexStart = at;
      if (last === LETTER) gluedDigits = true;
      else if (last === DASH && solidBefore === LETTER) dashedWord = true;
      const start = at;
      while (at < length && isDigit(text.charCodeAt(at))) at += 1;
      const size = at - start;
      if (at - hexStart >= LEAST_HEX) hexadecimal = true;
      singles = size === 1 ? singles + 1 : 0;
      if (singles >= LEAST_SPREAD) spreadDigits = true;
      digits = start - lastDigit < FURTHEST_DIGIT ? digits + size : size;
      if (digits >= LEAST_DIGITS) manyDigits = true;
      lastDigit = at - 1;
      named = 0;
    } else {
      if (kind === DASH) {
        if (lastSolid === DIGIT && (last === BLANK || isBlankOrDash(text.charCodeAt(at + 1))))
          looseDash = true;
      } else if (kind === LINE_END) {
        if (lastSolid === DIGIT) brokenNumber = true;
        else if (lastSolid === DASH || lastSolid === MARK) {
          if (solidBefore === DIGIT) brokenNumber = true;
          else if (lastSolid === DASH && solidBefore === LETTER) brokenWord = true;
        }
      }
      at += 1;
    }
    last = kind;
    if (kind !== BLANK) {
      solidBefore = lastSolid;
      lastSolid = kind;
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

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
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
