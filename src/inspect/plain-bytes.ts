import { CR, LF, SPACE, TAB } from './bytes.js';

const UNFIT = 0;
const FIT = 1;
/** A digit of base64, which most of text is. */
const DIGIT = 2;
const BLANK = 3;
const CLASSES = classes();

/** A run of base64 as long as what is looked for, a line as long as no program writes it, and blanks without end. */
const LONGEST_RUN = 23;
const LONGEST_LINE = 1000;
const LONGEST_BLANK = 256;
const MOST_DASHES = 2;

const DASH = 0x2d;
const COLON = 0x3a;
const AND = 0x26;
const HASH = 0x23;
const BEGIN = Buffer.from('begin', 'latin1');

/**
 * Printable ASCII without what markup and its entities, encoded words, quoted-printable, percent and backslash escapes, yEnc,
 * HZ, HL7 and tables of bars begin with.
 */
function classes(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0x20; byte < 0x7f; byte++) table[byte] = FIT;
  for (const character of '<=%\\|~') table[character.charCodeAt(0)] = UNFIT;
  for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
    table[character.charCodeAt(0)] = DIGIT;
  }
  for (const byte of [SPACE, TAB, CR, LF]) table[byte] = BLANK;
  return table;
}

/**
 * Looks at bytes piece after piece, and says of each whether with all before it they are plain: lines of at most a thousand
 * characters of text in ASCII, in which nothing stands that could be read in more ways than one. No characters that begin
 * markup or an escape, no character references, no armour (three dashes), no line that begins a block of uuencode or a
 * calendar, no base64, no lone CR, and no more than some empty lines together.
 */
export function plainBytes(): (piece: Uint8Array) => boolean {
  let state = { last: LF, line: 0, run: 0, blank: 0, dashes: 0, begun: 0 };
  return (piece) => {
    // Variables of the function itself: nothing else here is as fast.
    let { last, line, run, blank, dashes, begun } = state;
    for (let at = 0; at < piece.length; at++) {
      const byte = piece[at] ?? 0;
      const kind = CLASSES[byte] ?? UNFIT;
      if (kind === UNFIT || (last === CR && byte !== LF) || (last === AND && byte === HASH)) return false;
      run = kind === DIGIT ? run + 1 : 0;
      blank = kind === BLANK ? blank + 1 : 0;
      dashes = byte === DASH ? dashes + 1 : 0;
      line += 1;
      if (run > LONGEST_RUN || blank > LONGEST_BLANK || dashes > MOST_DASHES || line > LONGEST_LINE)
        return false;
      last = byte;
      if (byte === LF) {
        line = 0;
        begun = 0;
      } else if (begun === BEGIN.length) {
        if (byte === SPACE || byte === COLON || byte === DASH) return false;
        begun = -1;
      } else if (begun >= 0) begun = (byte | 0x20) === BEGIN[begun] ? begun + 1 : -1;
    }
    state = { last, line, run, blank, dashes, begun };
    return true;
  };
}
