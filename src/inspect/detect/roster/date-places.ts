import type { TextClues } from '../text-clues.js';
import { dayNumber } from './canonical.js';

const MONTHS = 'janfebmaraprmayjunjulaugsepoctnovdec';
const MONTH_WORD =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';
/** Behind the day: "4th of March, 1961", "04-MAR-1961", "4 mar '61". */
const DAY_MONTH_YEAR = new RegExp(
  `(?:st|nd|rd|th)?[ \\t.-]{0,2}(?:of )?${MONTH_WORD}\\.?,?[ \\t.-]{0,2}'?(\\d{4}|\\d\\d)(?![a-z0-9])`,
  'iy',
);
/** Behind the month: " 4th, 1961". */
const DAY_YEAR = /(\d{1,2})(?:st|nd|rd|th)?,?[ \t-]{0,2}'?(\d{4}|\d\d)(?![a-z0-9])/iy;
const BEFORE_DAY = new RegExp(`(?:^|[^a-z])${MONTH_WORD}\\.?[ \\t-]{1,2}$`, 'i');

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
      if (!numeric(clues, i, give) && length <= 2) named(clues, i, give);
    } else if (length === 8 || length === 12 || length === 14) compact(clues.shadow, start, length, give);
  }
}

type Give = (start: number, end: number, day: number) => void;

function numeric({ digitStarts, digitEnds, bytes, shadow }: TextClues, i: number, give: Give): boolean {
  const middle = digitStarts[i + 1];
  const last = digitStarts[i + 2];
  if (middle === undefined || last === undefined) return false;
  const start = digitStarts[i] ?? 0;
  const firstEnd = digitEnds[i] ?? 0;
  const middleEnd = digitEnds[i + 1] ?? 0;
  const end = digitEnds[i + 2] ?? 0;
  const mark = markBetween(bytes, firstEnd, middle);
  if (mark === 0 || middleEnd - middle > 2 || mark !== markBetween(bytes, middleEnd, last)) return false;
  // The middle of something longer, such as the address of a network.
  if (bytes[start - 1] === mark && isDigit(bytes[start - 2])) return false;
  if (bytes[end] === mark && isDigit(bytes[end + 1])) return false;
  const a = Number(shadow.slice(start, firstEnd));
  const b = Number(shadow.slice(middle, middleEnd));
  const c = Number(shadow.slice(last, end));
  if (firstEnd - start === 4) {
    if (end - last > 2) return false;
    offer(give, start, end, a, b, c);
    if (b <= 12 && c <= 12 && b !== c) offer(give, start, end, a, c, b);
    return true;
  }
  if (end - last !== 4 && end - last !== 2) return false;
  for (const year of years(c, end - last)) {
    offer(give, start, end, year, a, b);
    if (a !== b) offer(give, start, end, year, b, a);
  }
  return true;
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

function named({ digitStarts, digitEnds, bytes, shadow }: TextClues, i: number, give: Give): void {
  const start = digitStarts[i] ?? 0;
  const end = digitEnds[i] ?? 0;
  const year = digitStarts[i + 1];
  // "4th of September, 1961" is the longest.
  if (year === undefined || year - start > 24) return;
  DAY_MONTH_YEAR.lastIndex = end;
  const after = DAY_MONTH_YEAR.exec(shadow);
  if (after !== null) {
    const [, month = '', written = ''] = after;
    const day = Number(shadow.slice(start, end));
    for (const one of years(Number(written), written.length))
      offer(give, start, DAY_MONTH_YEAR.lastIndex, one, monthNumber(month), day);
    return;
  }
  if (year - start > 9 || !isLetterOrMark(bytes[start - 2])) return;
  const before = BEFORE_DAY.exec(shadow.slice(Math.max(0, start - 14), start));
  if (before === null) return;
  DAY_YEAR.lastIndex = start;
  const rest = DAY_YEAR.exec(shadow);
  if (rest === null) return;
  const [, day = '', written = ''] = rest;
  const month = before[1] ?? '';
  const from = start - (before[0].length - before[0].search(/[a-z]/i));
  for (const one of years(Number(written), written.length))
    offer(give, from, DAY_YEAR.lastIndex, one, monthNumber(month), Number(day));
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

function monthNumber(word: string): number {
  return MONTHS.indexOf(word.slice(0, 3).toLowerCase()) / 3 + 1;
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= 0x30 && code <= 0x39;
}

function isLetterOrMark(code: number | undefined): boolean {
  return code !== undefined && (code === 0x2e || code >= 0x41);
}
