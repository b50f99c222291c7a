import { asciiShadow, OTHER } from './detect/ascii-shadow.js';
import { cluesOf, type TextClues } from './detect/text-clues.js';
import { passOver } from './detect/text-pass.js';
import { type TextHints, textHints } from './text-hints.js';

/** What is told of a text before anything is looked for in it. */
export interface TextReading {
  readonly hints: TextHints;
  readonly clues: TextClues;
}

/** Reads a normalised text for both, most texts in one pass. */
export function readText(text: string): TextReading {
  const shadow = asciiShadow(text);
  const wide = shadow !== text;
  const bytes = Buffer.from(shadow, 'latin1');
  const pass = passOver(bytes, wide);
  const clues = cluesOf(shadow, bytes, pass);
  // What is neither ASCII nor a Latin letter is none for clues, and a letter for hints; so is the apostrophe that clues take for
  // that of ASCII. A Latin letter without its mark may end the name of a digit, but of wide texts all finders of those are
  // asked anyway.
  const isOther = wide && (shadow.includes(OTHER) || text.includes('’'));
  return { hints: isOther ? textHints(text) : pass.hints, clues };
}
