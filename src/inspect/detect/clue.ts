import type { WordClue } from './clue-words.js';

/**
 * What must stand in a text for a pattern to hit, so that it need not be tried elsewhere. Hits begin at the clue:
 *
 * - `word`: a word of a list, or the letters before the digits of one;
 * - `literal`: these very characters;
 * - `number`: a run of so many digits, from and to;
 * - `mark`: an at sign, the letter before a digit, or a number that a capitalised word follows;
 *
 * or lie around it:
 *
 * - `digits`: so many of them within 48 characters; hits begin so far before, and end so far behind it;
 * - `names`: words that may belong to a person's name, and what follows titles and labels;
 * - `rows`: a table with a header.
 */
export type Clue =
  | { readonly word: WordClue }
  | { readonly literal: string }
  | { readonly number: readonly [least: number, most: number] }
  | { readonly mark: 'at-sign' | 'letter-digit' | 'house-number' }
  | { readonly digits: number; readonly before: number; readonly after: number }
  | { readonly names: true }
  | { readonly rows: true };

/** A pattern that is tried only where its clue is. */
export interface CluedPattern {
  readonly pattern: string;
  readonly clue: Clue;
}

export function near(clue: Clue, patterns: readonly string[]): readonly CluedPattern[] {
  return patterns.map((pattern) => ({ pattern, clue }));
}
