import { BEYOND } from './detect/byte-kinds.js';
import { passOver } from './detect/text-pass.js';

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
  /** A word for a dash, or one that may begin the label of a social security number. */
  readonly toldNumber: boolean;
  /** A line that ends in a dash behind a letter. */
  readonly brokenWord: boolean;
  /** A line that ends in a digit, or in a mark behind one. */
  readonly brokenNumber: boolean;
  /** So many hexadecimal digits in a row that they could hold text. */
  readonly hexadecimal: boolean;
  /** Anything beyond ASCII. */
  readonly wide: boolean;
}

/**
 * What a normalised text shows of itself in one look, so that the patterns of its disguises are only tried where there could be
 * any.
 */
export function textHints(text: string): TextHints {
  const wide = !isAscii(text);
  return passOver(wide ? codesOf(text) : Buffer.from(text, 'latin1'), wide).hints;
}

/** The codes of a text, `BEYOND` for all that isn't ASCII: these count as letters. */
function codesOf(text: string): Uint8Array {
  const codes = Buffer.allocUnsafe(text.length);
  for (let at = 0; at < text.length; at++) codes[at] = Math.min(BEYOND, text.charCodeAt(at));
  return codes;
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}
