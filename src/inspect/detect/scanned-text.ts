import type { WordClue } from './clue-words.js';
import { type RowLabels, rowLabels } from './row-labels.js';
import { type Stretch, signatures } from './signature.js';
import { firstFrom, hasWord, type TextClues, wordPlaces } from './text-clues.js';

/** A text under detection, with the small windows around a hit that the rules for context look at. */
export interface ScannedText {
  readonly text: string;
  /** Where things stand in it, and the text in ASCII. */
  readonly clues: TextClues;
  /** Nothing in it is beyond ASCII. */
  readonly isAscii: boolean;
  /** Up to `size` characters before an offset, in lower case, not reaching over an empty line. */
  readonly before: (offset: number, size: number) => string;
  /** Up to `size` characters from an offset, in lower case, not reaching over an empty line. */
  readonly after: (offset: number, size: number) => string;
  /** A stretch in lower case, over empty lines too. */
  readonly wide: (from: number, to: number) => string;
  /** Labels (lower case) of the column an offset lies in, or of its whole row where columns don't line up. */
  readonly labels: (offset: number) => string;
  /** Where words of a clue begin. */
  readonly words: (clue: WordClue) => readonly number[];
  /** Whether a word of a clue begins in a stretch. */
  readonly hasWord: (clue: WordClue, from: number, to: number) => boolean;
  /** Whether digits begin in a stretch. */
  readonly hasDigits: (from: number, to: number) => boolean;
  /** True where an offset lies in a row of a table with a header. */
  readonly inRow: (offset: number) => boolean;
  /** True where the text has a table with a header. */
  readonly hasRows: () => boolean;
  /** Signatures of mails in it, in text order. */
  readonly signatures: () => readonly Stretch[];
  /** The rows of tables with a header, in text order. */
  readonly rows: () => readonly { readonly start: number; readonly end: number }[];
}

export function scannedText(text: string, clues: TextClues): ScannedText {
  // Most texts have no tables, and finding them costs a pass: it waits until somebody asks.
  let rows: RowLabels | undefined;
  let signed: readonly Stretch[] | undefined;
  const table = () => {
    rows ??= rowLabels(text, wordPlaces(clues, 'column'));
    return rows;
  };
  // At once: a long text that was put together of pieces is one piece after this, and each slice costs as much as all of it before.
  // The small form of "İ" alone has two characters, which would move what stands behind it.
  const lower = text.replaceAll('İ', 'i').toLowerCase();
  const small = (from: number, to: number) => lower.slice(from, to);
  return {
    text,
    clues,
    isAscii: clues.shadow === text,
    before: (offset, size) => {
      const window = small(Math.max(0, offset - size), offset);
      const gap = window.lastIndexOf('\n\n');
      return gap === -1 ? window : window.slice(gap + 2);
    },
    after: (offset, size) => {
      const window = small(offset, offset + size);
      const gap = window.indexOf('\n\n');
      return gap === -1 ? window : window.slice(0, gap);
    },
    wide: (from, to) => small(Math.max(0, from), to),
    words: (clue) => wordPlaces(clues, clue),
    hasWord: (clue, from, to) => hasWord(clues, clue, from, to),
    hasDigits: (from, to) => (clues.digitStarts[firstFrom(clues.digitStarts, from)] ?? to) < to,
    labels: (offset) => table().at(offset),
    signatures: () => {
      signed ??= signatures(text);
      return signed;
    },
    inRow: (offset) => table().at(offset) !== '',
    hasRows: () => table().rows.length > 0,
    rows: () => table().rows,
  };
}
