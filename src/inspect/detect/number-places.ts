import type { NumberClue } from './clue.js';
import { bitOf } from './clue-words.js';
import { type TextClues, wordPlaces } from './text-clues.js';

/** From a number to the name of a month behind it: "1st of", and blanks. */
const MONTH_REACH = 8;
const MONTH = bitOf('month');

/** The most digits that stand together in a text. */
export function longestChain({ digitChains }: TextClues): number {
  let most = 0;
  for (let i = 0; i < digitChains.length; i++) most = Math.max(most, digitChains[i] ?? 0);
  return most;
}

/** Where the numbers of a clue begin, ascending. */
export function numberPlaces(clues: TextClues, clue: NumberClue): readonly number[] {
  const { bytes, digitStarts, digitEnds } = clues;
  const [least, most] = clue.number;
  const total = clue.total ?? 0;
  const { behind, value } = clue;
  const totals = total === 0 ? undefined : clues.digitChains;
  const months = behind === 'month' && (clues.allBits & MONTH) !== 0 ? wordPlaces(clues, 'month') : NONE;
  let month = 0;
  const found: number[] = [];
  for (let i = 0; i < digitStarts.length; i++) {
    if (totals !== undefined && (totals[i] ?? 0) < total) continue;
    const start = digitStarts[i] ?? 0;
    const end = digitEnds[i] ?? 0;
    const length = end - start;
    if (length < least || length > most || (start > 0 && isWord(bytes[start - 1] ?? 0))) continue;
    if (value !== undefined && !isBetween(bytes, start, end, value)) continue;
    if (behind !== undefined && !isLetter(bytes[end] ?? 0)) {
      if (behind === 'letter') continue;
      while (month < months.length && (months[month] ?? 0) < end) month++;
      if ((months[month] ?? Number.POSITIVE_INFINITY) - end > MONTH_REACH) continue;
    }
    found.push(start);
  }
  return found;
}

const NONE: readonly number[] = [];

function isBetween(
  bytes: Uint8Array,
  start: number,
  end: number,
  [least, most]: readonly [number, number],
): boolean {
  let number = 0;
  for (let at = start; at < end; at++) number = number * 10 + (bytes[at] ?? 0) - 0x30;
  return number >= least && number <= most;
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a);
}

/** As `\b` sees it. */
function isWord(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
}
