import { asciiShadow, OTHER } from './detect/ascii-shadow.js';
import { cluesOf, type TextClues } from './detect/text-clues.js';
import { passOver } from './detect/text-pass.js';
import { type TextHints, textHints } from './text-hints.js';

/** What one pass over a text tells of it. */
export interface TextReading {
  readonly hints: TextHints;
  /** Undefined where it takes another pass to tell: of a text with more than ASCII and Latin letters. */
  readonly clues: TextClues | undefined;
}

/** Reads a normalised text once for both. */
export function readText(text: string): TextReading {
  const shadow = asciiShadow(text);
  const wide = shadow !== text;
  // What is no letter for clues is one for hints.
  if (wide && shadow.includes(OTHER)) return { hints: textHints(text), clues: undefined };
  const bytes = Buffer.from(shadow, 'latin1');
  const pass = passOver(bytes, wide);
  // A letter without its mark may end the name of a digit, but of wide texts all finders of those are asked anyway.
  return { hints: pass.hints, clues: cluesOf(shadow, bytes, pass) };
}
