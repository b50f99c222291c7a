/** A stretch of a text, in UTF-16 code units. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** A line that closes a letter, or the mark before a signature (RFC 3676 section 4.3). */
const CLOSING =
  /^(?:-- ?|(?:(?:with )?(?:best|kind|warm|warmest|many)?[ ,]*(?:regards|wishes)|best|thanks(?: (?:again|so much|a lot|in advance))?|thank you(?: (?:again|so much|in advance))?|many thanks|sincerely(?: yours)?|yours(?: (?:sincerely|truly|faithfully))?|respectfully(?: yours)?|cordially|warmly|cheers|take care)[ ,.!-]{0,3})$/gim;
/** What follows a signature where an answer quotes another mail. */
const QUOTED = /^(?:>|from:|-{2,} ?(?:original|forwarded)|on .{5,80} wrote:)/im;
/** A signature is no longer than this. */
const LINES = 10;
const LONGEST = 600;

/** The signatures of a text: from a closing line ("Regards,", "--") on, for some lines, or up to quoted mail. */
export function signatures(text: string): readonly Stretch[] {
  const found: Stretch[] = [];
  for (const match of text.matchAll(CLOSING)) {
    const start = match.index;
    if (start < (found.at(-1)?.end ?? 0)) continue;
    const body = start + match[0].length;
    const lines = text
      .slice(body, body + LONGEST)
      .split('\n')
      .slice(0, LINES)
      .join('\n');
    const quoted = QUOTED.exec(lines);
    found.push({ start, end: body + (quoted?.index ?? lines.length) });
  }
  return found;
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
