import type { TextClues } from './detect/text-clues.js';

/**
 * One reading of one place of a message, normalised for matching: NFKC, format characters and soft hyphens removed,
 * confusables folded, Unicode dashes, spaces and digits as ASCII, line breaks as `\n`.
 */
export interface TextView {
  /** Path of the part, or `header:<name>`, or `name:<path>` for a file name. */
  readonly where: string;
  /** Which reading: `text`, `html`, `html-hidden`, `html-attributes`, `raw`, `joined-digits`, `table`, … */
  readonly view: string;
  readonly text: string;
  /** UTF-16 offset in the text before normalising that belongs to an offset in `text`. */
  readonly toSource: (offset: number) => number;
  /** Where things stand in the text, as far as that was told on the way. */
  readonly clues?: TextClues;
}
