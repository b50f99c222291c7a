import type { WordClue } from './clue-words.js';

/**
 * What must stand in a text for a pattern to hit, so that it need not be tried elsewhere. Hits begin at the clue:
 *
 * - `word`: a word of a list, or the letters before the digits of one;
 * - `literal`: these very characters;
 * - `number`: a run of so many digits, from and to, that doesn't go on from a letter before it; with `total`, so many digits
 *   together with the runs that follow, each no more than three characters behind the last and no letter between; with
 *   `behind`, a letter or (no more than eight characters away) the name of a month follows; with `value`, a number of
 *   up to four digits from and to;
 * - `mark`: an at sign, the letter before a digit, or a number that a capitalised word follows;
 *
 * or lie around it:
 *
 * - `digits`: so many of them within 48 characters; hits begin so far before, and end so far behind it;
 * - `rows`: a table with a header.
 */
export type Clue =
  | { readonly word: WordClue }
  | { readonly literal: string }
  | NumberClue
  | { readonly mark: 'at-sign' | 'letter-digit' | 'house-number' }
  | { readonly digits: number; readonly before: number; readonly after: number }
  | { readonly rows: true };

export interface NumberClue {
  readonly number: readonly [least: number, most: number];
  readonly total?: number;
  readonly behind?: 'letter' | 'month';
  readonly value?: readonly [least: number, most: number];
}

/** A pattern that is tried only where its clue is. */
export interface CluedPattern {
  readonly pattern: string;
  readonly clue: Clue;
}

export function near(clue: Clue, patterns: readonly string[]): readonly CluedPattern[] {
  return patterns.map((pattern) => ({ pattern, clue }));
}

/** The same for a label that people write in any case, and that is no word. */
export function nearInAnyCase(literal: string, patterns: readonly string[]): readonly CluedPattern[] {
  let spellings = [''];
  for (const character of literal) {
    const cases = new Set([character.toLowerCase(), character.toUpperCase()]);
    spellings = spellings.flatMap((begun) => [...cases].map((one) => begun + one));
  }
  return spellings.flatMap((spelling) => near({ literal: spelling }, patterns));
}
