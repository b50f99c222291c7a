import { asciiShadow } from './ascii-shadow.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isNoName, unlistedName } from './unlisted-name.js';

/** "Quillfeather, Xanthe | June 5, 1957 | E3820…": a row about somebody, as records are listed, whatever the names are. */
const ROW =
  /(?:^|\n)[ \t>|]{0,4}(\p{Lu}[\p{L}'’-]{1,24}, \p{Lu}[\p{L}'’-]{1,24}(?: \p{Lu}\.?)?) ?([|;\t]) ?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\p{L}{3,9}\.? \d{1,2}, \d{4}|\d{1,2} \p{L}{3,9} \d{4}) ?\2 ?[A-Z]{0,3}\d{5,12} ?\2/gu;

/** First column of lists of things, places and events. */
const OF_THINGS =
  /^[ \t>|]{0,4}(?:items?|products?|sku|articles?|supply|supplies|description|stock|vendor|supplier|manufacturer|events?|venue|city|location|course)\b/i;
/** Longer lines are no header. */
const LONGEST_HEADER = 600;

/** Names in rows of lists that hold a name, a date and a number, unless the header says that they are about things. */
export function* namesInRows(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { text } = scanned;
  if (!text.includes('|') && !text.includes(';') && !text.includes('\t')) return;
  let lastEnd = -1;
  let isOfThings = false;
  for (const { index, 0: whole, 1: name = '', 2: delimiter = '' } of text.matchAll(ROW)) {
    // Rows right below each other have one header.
    if (index !== lastEnd) isOfThings = isHeaderOfThings(scanned.before(index, LONGEST_HEADER), delimiter);
    lastEnd = text.indexOf('\n', index + whole.length);
    if (isOfThings) continue;
    const words = asciiShadow(name).toLowerCase().split(/,? /);
    const start = index + whole.indexOf(name);
    const end = start + name.length;
    if (words.some(isNoName) || isTaken(start, end)) continue;
    yield { ...unlistedName(scanned, start, end, words.join(' '), 'medium'), ofPatient: true };
  }
}

/** Whether the last line says that the rows below it are about things. */
function isHeaderOfThings(before: string, delimiter: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line.includes(delimiter) && OF_THINGS.test(line);
}
