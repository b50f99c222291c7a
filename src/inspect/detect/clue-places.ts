import type { Clue } from './clue.js';
import { bitOf } from './clue-words.js';
import { marksOf } from './hint-pass.js';
import { longestChain, numberPlaces } from './number-places.js';
import { type TextClues, wordPlaces } from './text-clues.js';

/** Clues at which hits begin. */
export type Anchored = Exclude<Clue, { digits: number } | { rows: true }>;

/** What a text must have for any place of a clue; all zero and empty where that can't be told beforehand. */
export interface ClueNeeds {
  /** One of the bits of words (`bitOf`). */
  readonly bits: number;
  /** One of the lengths of numbers, as bits. */
  readonly lengths: number;
  /** So many digits of numbers that follow each other. */
  readonly total: number;
  /** All of the marks (`marksOf`). */
  readonly marks: number;
  readonly digits: boolean;
}

export function needsOf(clue: Clue): ClueNeeds {
  return {
    // Labels in the header of a table are words of columns.
    bits: 'word' in clue ? bitOf(clue.word) : 'rows' in clue ? bitOf('column') : 0,
    lengths: 'number' in clue ? bitsOfLengths(clue.number) : 0,
    total: 'number' in clue ? (clue.total ?? 0) : 0,
    marks: 'literal' in clue ? marksOf(clue.literal) : isMark(clue, 'at-sign') ? marksOf('@') : 0,
    digits:
      'literal' in clue
        ? /\d/.test(clue.literal)
        : 'digits' in clue || isMark(clue, 'letter-digit') || isMark(clue, 'house-number'),
  };
}

function isMark(clue: Clue, mark: 'at-sign' | 'letter-digit' | 'house-number'): boolean {
  return 'mark' in clue && clue.mark === mark;
}

/** Whether a text may have places of clues: most texts have none of most clues, and it need not be read for them. */
export function placesPossible(clues: TextClues): (needs: ClueNeeds) => boolean {
  const { allBits, marks, digitStarts } = clues;
  const lengths = lengthsOfNumbers(clues);
  const total = longestChain(clues);
  return (needs) => {
    if (needs.bits !== 0) return (allBits & needs.bits) !== 0;
    if (needs.lengths !== 0) return (lengths & needs.lengths) !== 0 && total >= needs.total;
    if (needs.digits && digitStarts.length === 0) return false;
    return (marks & needs.marks) === needs.marks;
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

/** Where a clue lies in a text, ascending. */
export type PlaceFinder = (clues: TextClues) => ArrayLike<number>;

/** What finds a clue in texts: made once, because to tell the kinds of clues apart costs more than to find most. */
export function placeFinder(clue: Anchored): PlaceFinder {
  if ('word' in clue) return (clues) => wordPlaces(clues, clue.word);
  if ('number' in clue) return (clues) => numberPlaces(clues, clue);
  if ('literal' in clue) {
    const { literal } = clue;
    const rarest = rarestIn(literal);
    return ({ shadow }) => literalPlaces(shadow, literal, rarest);
  }
  if (clue.mark === 'letter-digit') return (clues) => clues.letterDigits.map((at) => at - 1);
  return clue.mark === 'at-sign' ? (clues) => clues.atSigns : (clues) => clues.houseNumbers;
}

/** Where in a literal stands what texts have least of: a sign, or else a capital letter; -1 where it has neither. */
export function rarestIn(literal: string): number {
  const sign = literal.search(/[^A-Za-z0-9 .,-]/);
  return sign === -1 ? literal.search(/[A-Z]/) : sign;
}

function literalPlaces(shadow: string, literal: string, rarest: number): readonly number[] {
  const found: number[] = [];
  if (rarest === -1) {
    for (let at = shadow.indexOf(literal); at !== -1; at = shadow.indexOf(literal, at + 1)) found.push(at);
    return found;
  }
  const character = literal.charAt(rarest);
  for (let at = shadow.indexOf(character, rarest); at !== -1; at = shadow.indexOf(character, at + 1))
    if (shadow.startsWith(literal, at - rarest)) found.push(at - rarest);
  return found;
}
