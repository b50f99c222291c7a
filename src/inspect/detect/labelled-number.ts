import type { Hit } from './patterns.js';

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

/** The number at the end of a hit of `afterLabel`, if it has at least `digits` digits. */
export function labelledNumber(hit: Hit, digits: number): LabelledNumber | undefined {
  const number = VALUE.exec(hit.text)?.[0];
  if (number === undefined || number.replace(/\D/g, '').length < digits) return undefined;
  const start = hit.end - number.length;
  return { start, end: hit.end, label: hit.text.slice(0, start - hit.start).toLowerCase(), number };
}

/** One form for all ways of writing a number. */
export function plainNumber(number: string): string {
  return number.replace(/[^A-Za-z0-9]/g, '').toUpperCase();
}
