import type { Clue } from './clue.js';
import { type TextClues, wordPlaces } from './text-clues.js';

/** Clues at which hits begin. */
export type Anchored = Exclude<Clue, { digits: number } | { names: true } | { rows: true }>;

/** Where clues lie in a text, ascending. */
export function placesIn(clues: TextClues): (clue: Anchored) => ArrayLike<number> {
  let lengths: number | undefined;
  return (clue) => {
    if ('number' in clue) {
      lengths ??= lengthsOfNumbers(clues);
      if ((lengths & bitsOfLengths(clue.number)) === 0) return NOWHERE;
    }
    return placesOf(clues, clue);
  };
}

/** The lengths of all runs of digits as bits; the last bit stands for all lengths from 31 on. */
function lengthsOfNumbers({ digitStarts, digitEnds }: TextClues): number {
  let lengths = 0;
  for (let i = 0; i < digitStarts.length; i++)
    lengths |= 1 << Math.min(LONGEST, (digitEnds[i] ?? 0) - (digitStarts[i] ?? 0));
  return lengths;
}

const LONGEST = 31;

function bitsOfLengths([least, most]: readonly [number, number]): number {
  let bits = 0;
  for (let length = Math.min(LONGEST, least); length <= Math.min(LONGEST, most); length++)
    bits |= 1 << length;
  return bits;
}

const NOWHERE: ArrayLike<number> = [];

function placesOf(clues: TextClues, clue: Anchored): ArrayLike<number> {
  if ('word' in clue) return wordPlaces(clues, clue.word);
  if ('number' in clue) {
    const [least, most] = clue.number;
    const { digitStarts, digitEnds } = clues;
    const found: number[] = [];
    for (let i = 0; i < digitStarts.length; i++) {
      const start = digitStarts[i] ?? 0;
      const length = (digitEnds[i] ?? 0) - start;
      if (length >= least && length <= most) found.push(start);
    }
    return found;
  }
  if ('literal' in clue) {
    const { shadow } = clues;
    const found: number[] = [];
    for (let at = shadow.indexOf(clue.literal); at !== -1; at = shadow.indexOf(clue.literal, at + 1))
      found.push(at);
    return found;
  }
  if (clue.mark === 'letter-digit') return clues.letterDigits.map((at) => at - 1);
  return clue.mark === 'at-sign' ? clues.atSigns : clues.houseNumbers;
}
