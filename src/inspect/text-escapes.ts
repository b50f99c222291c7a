import { decodeUtf8, fallback } from './charset.js';
import { decodeHeaderText } from './encoded-words.js';
import { percentBytes } from './percent.js';
import { looksLikeText } from './sniff.js';
import { textHints } from './text-hints.js';
import { decodeQuotedPrintable } from './transfer-decoding.js';

/** Escapes of one kind count as a way of writing from so many on. */
const LEAST = 3;
/** Bytes of hexadecimal that hold something worth reading. */
const LEAST_HEX = 12;

const CHARACTER_REFERENCE = /&#(?:x([0-9a-f]{1,6})|([0-9]{1,7}));?/gi;
/** Digits, dashes, points and blanks, which nothing else is written as. */
const OF_NUMBERS = /\\(?:u00|x)(?:2[0def]|3[0-9])/gi;
const HEX_RUN = /(?<![0-9A-Za-z])(?:0x)?((?:[2-7][0-9a-f]|0[9ad]|[89a-f][0-9a-f]){12,})(?![0-9A-Za-z])/gi;

/**
 * Other readings of text in which characters are written as escapes, as where the source of a mail, a page or a record
 * was pasted into it: quoted-printable, encoded words, `%41`, `&#65;`, `\u0041`, hexadecimal. Empty for most texts,
 * which costs them little more than a search for the first character of each.
 */
export function escapedTexts(text: string, hints = textHints(text)): readonly string[] {
  const found: string[] = [];
  if (many(text, '=', /=[0-9A-Fa-f]{2}/g)) {
    const [decoded] = decodeQuotedPrintable(Buffer.from(text, 'utf8')).readings;
    if (decoded !== undefined) found.push(fallback(decoded));
  }
  if (text.includes('=?') && text.includes('?=')) found.push(decodeHeaderText(text).text);
  if (many(text, '%', /%[0-9A-Fa-f]{2}/g)) found.push(fallback(percentBytes(text)));
  if (many(text, '&#', CHARACTER_REFERENCE, 2)) found.push(text.replace(CHARACTER_REFERENCE, referenced));
  if (many(text, '\\', /\\[ux][0-9A-Fa-f]{2}/g) || many(text, '\\', OF_NUMBERS, 1)) {
    found.push(
      text.replace(
        /\\(?:u([0-9a-f]{4})|x([0-9a-f]{2}))/gi,
        (_, long: string | undefined, short: string | undefined) =>
          String.fromCharCode(Number.parseInt(long ?? short ?? '0', 16)),
      ),
    );
  }
  const hex = hints.hexadecimal ? hexTexts(text) : '';
  if (hex !== '') found.push(hex);
  return found;
}

/** Whether there are enough of them. The mark is what every one begins with. */
function many(text: string, mark: string, pattern: RegExp, least = LEAST): boolean {
  const first = text.indexOf(mark);
  if (first < 0) return false;
  pattern.lastIndex = first;
  let count = 0;
  while (count < least && pattern.test(text)) count += 1;
  pattern.lastIndex = 0;
  return count >= least;
}

function referenced(whole: string, hex: string | undefined, decimal: string | undefined): string {
  const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
}

/** The texts that stand in hexadecimal, each on a line of its own. */
function hexTexts(text: string): string {
  const found: string[] = [];
  for (const match of text.matchAll(HEX_RUN)) {
    const bytes = Buffer.from(match[1] ?? '', 'hex');
    if (bytes.length < LEAST_HEX || !looksLikeText(bytes)) continue;
    const decoded = decodeUtf8(bytes);
    if (decoded !== undefined) found.push(decoded);
  }
  return found.join('\n');
}
