/** A stretch of a text, in UTF-16 code units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A line that closes a letter, or the mark before a signature (RFC 3676 section 4.3). */
const CLOSING =
  /^(?:-- ?|(?:(?:with )?(?:best|kind|warm|warmest|many)?[ ,]*(?:regards|wishes)|best|thanks(?: (?:again|so much|a lot|in advance))?|thank you(?: (?:again|so much|in advance))?|many thanks|sincerely(?: yours)?|yours(?: (?:sincerely|truly|faithfully))?|respectfully(?: yours)?|cordially|warmly|cheers|thx(?: again)?|rgds|kr|br|take care)[ ,.!-]{0,3})$/imy;
/** What such a line begins with: read at every line of a text. */
const FIRST = new Set([...'-wbkmtsyrc ,'].map((letter) => letter.charCodeAt(0)));
/** What follows a signature where an answer quotes another mail. */
const QUOTED = /^(?:>|from:|-{2,} ?(?:original|forwarded)|on .{5,80} wrote:)/im;
/** A signature is no longer than this. */
const LINES = 10;
const LONGEST = 600;

/** The signatures of a text: from a closing line ("Regards,", "--") on, for some lines, or up to quoted mail. */
export function signatures(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (let start = 0; start < text.length; ) {
    const line = start;
    const newline = text.indexOf('\n', line);
    start = newline === -1 ? text.length : newline + 1;
    if (!FIRST.has(small(text.charCodeAt(line))) || line < (found.at(-1)?.end ?? 0)) continue;
    CLOSING.lastIndex = line;
    if (!CLOSING.test(text)) continue;
    const body = CLOSING.lastIndex;
    const below = text
      .slice(body, body + LONGEST)
      .split('\n')
      .slice(0, LINES)
      .join('\n');
    const quoted = QUOTED.exec(below);
    found.push({ start: line, end: body + (quoted?.index ?? below.length) });
  }
  return found;
}

/** Capital letters of ASCII as small ones. */
function small(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code + 32 : code;
}

/** True where an offset lies in one of the stretches, which are in text order and don't overlap. */
export function isIn(stretches: readonly Stretch[], offset: number): boolean {
  let low = 0;
  let high = stretches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((stretches[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return (stretches[low]?.start ?? Number.POSITIVE_INFINITY) <= offset;
}
