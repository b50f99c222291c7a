import { type TextClues, wordPlaces } from '../text-clues.js';
import { dayNumber } from './canonical.js';

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
/** Before a month: "4th of ", "04-". */
const DAY_BEFORE = /(?:^|[^\da-z])(\d{1,2})(?:st|nd|rd|th)?[ \t.-]{0,2}(?:of )?$/i;
/** Behind a month: ", 1961", "-1961", " '61". */
const YEAR_BEHIND = /\.?,?[ \t.-]{0,2}'?(\d{4}|\d\d)(?![a-z0-9])/iy;
/** Behind a month: " 4th, 1961". */
const DAY_YEAR_BEHIND =
  /\.?[ \t-]{1,2}(\d{1,2})(?:st|nd|rd|th)?(?:,|,?[ \t-]{1,2})'?(\d{4}|\d\d)(?![a-z0-9])/iy;
const LONGEST_MONTH = 9;

/**
 * Every date that a text may mean. Of two numbers that could both be the month, both orders are given, and of a year
 * of two digits both centuries: what is meant shows by what is in the roster.
 */
export function eachDate(clues: TextClues, give: (start: number, end: number, day: number) => void): void {
  const { digitStarts, digitEnds } = clues;
  for (let i = 0; i < digitStarts.length; i++) {
    const start = digitStarts[i] ?? 0;
    const end = digitEnds[i] ?? 0;
    const length = end - start;
    if (length <= 2 || length === 4) {
      numeric(clues, i, give);
    } else if (length === 8 || length === 12 || length === 14) compact(clues.shadow, start, length, give);
  }
  for (const start of wordPlaces(clues, 'month')) named(clues.shadow, start, give);
}

type Give = (start: number, end: number, day: number) => void;

function numeric({ digitStarts, digitEnds, bytes, shadow }: TextClues, i: number, give: Give): void {
  const middle = digitStarts[i + 1];
  const last = digitStarts[i + 2];
  if (middle === undefined || last === undefined) return;
  const start = digitStarts[i] ?? 0;
  const firstEnd = digitEnds[i] ?? 0;
  const middleEnd = digitEnds[i + 1] ?? 0;
  const end = digitEnds[i + 2] ?? 0;
  const mark = markBetween(bytes, firstEnd, middle);
  if (mark === 0 || middleEnd - middle > 2 || mark !== markBetween(bytes, middleEnd, last)) return;
  // The middle of something longer, such as the address of a network.
  if (bytes[start - 1] === mark && isDigit(bytes[start - 2])) return;
  if (bytes[end] === mark && isDigit(bytes[end + 1])) return;
  const a = Number(shadow.slice(start, firstEnd));
  const b = Number(shadow.slice(middle, middleEnd));
  const c = Number(shadow.slice(last, end));
  if (firstEnd - start === 4) {
    if (end - last > 2) return;
    offer(give, start, end, a, b, c);
    if (b <= 12 && c <= 12 && b !== c) offer(give, start, end, a, c, b);
    return;
  }
  if (end - last !== 4 && end - last !== 2) return;
  for (const year of years(c, end - last)) {
    offer(give, start, end, year, a, b);
    if (a !== b) offer(give, start, end, year, b, a);
  }
}

/** `/`, `-` or `.` with a blank on either side at most; 0 where something else stands between. */
function markBetween(bytes: Uint8Array, from: number, to: number): number {
  if (to - from > 3) return 0;
  let mark = 0;
  for (let at = from; at < to; at++) {
    const code = bytes[at] ?? 0;
    if (code === 0x20) continue;
    if (mark !== 0 || (code !== 0x2f && code !== 0x2d && code !== 0x2e)) return 0;
    mark = code;
  }
  return mark;
}

function named(shadow: string, start: number, give: Give): void {
  let end = start;
  while (end - start <= LONGEST_MONTH && isLetter(shadow.charCodeAt(end))) end++;
  const month = MONTHS.indexOf(shadow.slice(start, start + 3).toLowerCase()) / 3 + 1;
  YEAR_BEHIND.lastIndex = end;
  const year = YEAR_BEHIND.exec(shadow)?.[1];
  if (year !== undefined) {
    const before = DAY_BEFORE.exec(shadow.slice(Math.max(0, start - 10), start));
    const day = before?.[1];
    const from = start - (before?.[0].replace(/^[^\d]/, '').length ?? 0);
    for (const one of day === undefined ? [] : years(Number(year), year.length))
      offer(give, from, YEAR_BEHIND.lastIndex, one, month, Number(day));
  }
  DAY_YEAR_BEHIND.lastIndex = end;
  const [, day, full] = DAY_YEAR_BEHIND.exec(shadow) ?? [];
  if (day === undefined || full === undefined) return;
  for (const one of years(Number(full), full.length))
    offer(give, start, DAY_YEAR_BEHIND.lastIndex, one, month, Number(day));
}

/** `19610304`, `03041961`, `04031961`, and times of HL7 v2. */
function compact(shadow: string, start: number, length: number, give: Give): void {
  const [a, b, c, d] = [0, 2, 4, 6].map((at) => Number(shadow.slice(start + at, start + at + 2)));
  if (a === undefined || b === undefined || c === undefined || d === undefined) return;
  const end = start + 8;
  offer(give, start, end, a * 100 + b, c, d);
  if (length !== 8) return;
  offer(give, start, end, c * 100 + d, a, b);
  if (a !== b) offer(give, start, end, c * 100 + d, b, a);
}

function offer(give: Give, start: number, end: number, year: number, month: number, day: number): void {
  const number = dayNumber(year, month, day);
  if (number !== undefined) give(start, end, number);
}

function years(written: number, digits: number): readonly number[] {
  return digits === 4 ? [written] : [1900 + written, 2000 + written];
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}
