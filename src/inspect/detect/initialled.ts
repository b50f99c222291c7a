import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { unlistedName } from './unlisted-name.js';

/** "JR (5/9/79)", "J.R. (DOB 10 Nov 1970)": whom colleagues know by initials and the date of birth. */
const INITIALLED =
  /(?<![\p{L}\p{N}.&/-])(\p{Lu}\.?\p{Lu}\.?(?:\p{Lu}\.?)?),? \((?:(?:[Dd][Oo][Bb]|D\.O\.B\.|[Bb]orn|[Bb]\.?):? ?)?(?:\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d|(?:19|20)\d\d-\d\d-\d\d|\d{1,2} \p{L}{3,9}\.? (?:19|20)\d\d|\p{L}{3,9}\.? \d{1,2}, (?:19|20)\d\d|\d{1,2}-\p{L}{3}-(?:19|20)?\d\d)\)/gu;

export function* initialled(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { clues, text } = scanned;
  if (clues.digitStarts.length === 0 || !text.includes(' (')) return;
  for (const { index, 1: initials = '' } of text.matchAll(INITIALLED)) {
    const end = index + initials.length;
    if (isTaken(index, end)) continue;
    yield { ...unlistedName(scanned, index, end, initials.toLowerCase(), 'medium'), ofPatient: true };
  }
}
