import type { NumberClue } from './clue.js';
import { bitOf } from './clue-words.js';
import { type TextClues, wordPlaces } from './text-clues.js';

/** Between the groups of one number. */
const LONGEST_GAP = 3;
/** From a number to the name of a month behind it: "1st of", and blanks. */
const MONTH_REACH = 8;
/** More digits than any clue asks for together. */
const MANY = 64;
const MONTH = bitOf('month');

/** Digits of each run, with those of the runs that follow it closely. A text's are asked for by many clues. */
const CHAINS = new WeakMap<TextClues, Uint8Array>();

function chains(clues: TextClues): Uint8Array {
  const before = CHAINS.get(clues);
  if (before !== undefined) return before;
  const { bytes, digitStarts, digitEnds } = clues;
  const totals = new Uint8Array(digitStarts.length);
  let behind = 0;
  for (let i = digitStarts.length - 1; i >= 0; i--) {
    const end = digitEnds[i] ?? 0;
    const own = end - (digitStarts[i] ?? 0);
    const goesOn = i + 1 < digitStarts.length && isGap(bytes, end, digitStarts[i + 1] ?? 0);
    behind = Math.min(MANY, goesOn ? own + behind : own);
    totals[i] = behind;
  }
  CHAINS.set(clues, totals);
  return totals;
}

function isGap(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from > LONGEST_GAP) return false;
  for (let at = from; at < to; at++) if (isLetter(bytes[at] ?? 0)) return false;
  return true;
}

/** The most digits that stand together in a text. */
export function longestChain(clues: TextClues): number {
  let most = 0;
  for (const total of chains(clues)) if (total > most) most = total;
  return most;
}

/** Where the numbers of a clue begin, ascending. */
export function numberPlaces(clues: TextClues, clue: NumberClue): readonly number[] {
  const { bytes, digitStarts, digitEnds } = clues;
  const [least, most] = clue.number;
  const total = clue.total ?? 0;
  const { behind, value } = clue;
  const totals = total === 0 ? undefined : chains(clues);
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
