import { plainNumber } from './labelled-number.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/** Pattern (Rust regex syntax), for rows of tables, for the digits of a number in groups. */
export const GROUPED_CELL = '(?-u:\\b)[0-9]{2,6}(?:[ -][0-9]{2,6}){1,5}(?-u:\\b)';

/** Whether a hit is one of that pattern. */
export function isGroupedCell(hit: Hit): boolean {
  return /^\d{2,6}(?:[ -]\d{2,6}){1,5}$/.test(hit.text);
}

const LEAST_DIGITS = 5;
/** Of the cell before the digits: the letters of the number, and what may stand before those. */
const BEFORE = /(?:^|[\n,;\t|"])[ "]{0,4}((?:[A-Z]{1,4}[ -]?)?)$/;
const BEHIND = /^[ "]{0,4}(?:$|[\n,;\t|])/;
const DATE = /^(?:\d{1,2}[ -]\d{1,2}[ -](?:\d{2}|\d{4})|(?:19|20)\d\d[ -]\d\d[ -]\d\d)$/;

/** The number in groups that fills a cell of such a column, with its letters. */
export function groupedCell(
  hit: Hit,
  { text, labels }: ScannedText,
  column: RegExp,
): { readonly start: number; readonly end: number; readonly value: string } | undefined {
  const digits = plainNumber(hit.text).length;
  if (digits < LEAST_DIGITS || DATE.test(hit.text)) return undefined;
  const label = labels(hit.start);
  // Where columns don't line up it could be a cell of any.
  if (label.includes('|') || !column.test(label)) return undefined;
  const letters = BEFORE.exec(text.slice(Math.max(0, hit.start - 12), hit.start))?.[1];
  if (letters === undefined || !BEHIND.test(text.slice(hit.end, hit.end + 6))) return undefined;
  const start = hit.start - letters.length;
  return { start, end: hit.end, value: plainNumber(text.slice(start, hit.end)) };
}
