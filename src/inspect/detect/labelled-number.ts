import { groupEnds } from './number-groups.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/**
 * Pattern (Rust regex syntax) for a number that follows its label: between them only filler such as `number`, `no.`,
 * `#`, `is`, a colon. The value is what `labelledNumber` cuts off the end of the hit.
 */
export function afterLabel(labels: string): string {
  const filler =
    '(?:[ \\t]{0,3}(?:numbers?|num|no\\.?|nr\\.?|id|ids|identifier|is|was|are|under|[#:=(\\[)\\]"\\x27>-])){0,4}[ \\t]{0,4}';
  return `(?i)(?-u:\\b)(?:${labels})${filler}(?:[\\n]?[ \\t]{0,4}[#:])?[ \\t]{0,3}[A-Z0-9]{1,18}(?:[-./][A-Z0-9]{1,18}){0,4}`;
}

const VALUE = /[A-Za-z0-9]{1,18}(?:[-./][A-Za-z0-9]{1,18}){0,4}$/;

export interface LabelledNumber {
  readonly start: number;
  readonly end: number;
  readonly label: string;
  readonly number: string;
}

/**
 * The number at the end of a hit of `afterLabel`, with its groups behind blanks (`number-groups.ts`): the longest that is
 * one.
 * @param isOne whether what is written so is a number of the kind, behind its label (lower case)
 */
export function labelledNumber(
  hit: Hit,
  text: ScannedText,
  isOne: (number: string, label: string) => boolean,
): LabelledNumber | undefined {
  const first = VALUE.exec(hit.text)?.[0];
  if (first === undefined) return undefined;
  const start = hit.end - first.length;
  const label = hit.text.slice(0, first.length === hit.text.length ? 0 : -first.length).toLowerCase();
  const alone = isOne(first, label);
  const single = SAYS_NUMBER.test(label) && !SEVERAL.test(label);
  const ends = [hit.end, ...groupEnds(text.text, start, hit.end, { alone, single })];
  for (const end of ends.reverse()) {
    const number = text.text.slice(start, end);
    if (end === hit.end ? alone : isOne(number, label)) return { start, end, label, number };
  }
  return undefined;
}

const SAYS_NUMBER = /\b(?:numbers?|num|no|nr|id|identifier|mrn|m\.r\.n|urn|acct|account)\b|[#:]/;
const SEVERAL = /\b(?:numbers|ids|are|accounts|accts|passports|recs|records)\b/;

/** How many digits are in it. */
export function digitsOf(number: string): number {
  return number.replace(/\D/g, '').length;
}

/** One form for all ways of writing a number. */
export function plainNumber(number: string): string {
  return number.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
}
