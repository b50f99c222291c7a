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
}

/**
 * The readings of a text that is too long to be in memory as often as they make of it: given window by window, made as
 * they are asked for. Windows overlap, so that whatever begins in the core of one has its surroundings around it.
 */
export interface LongView {
  readonly where: string;
  readonly windows: () => Iterable<ViewWindow>;
  /** The same readings of the whole text, for what can't be judged by windows. */
  readonly whole: () => readonly TextView[];
}

export interface ViewWindow {
  /** The text itself first, then what follows from it. Empty where it is blank. */
  readonly views: readonly TextView[];
  /** The core, in offsets that `toSource` gives. Cores follow each other without gap or overlap. */
  readonly coreStart: number;
  readonly coreEnd: number;
  /** The text of the first view, made once more: not to be kept meanwhile. */
  readonly again: () => string;
}

export type MessageView = TextView | LongView;
