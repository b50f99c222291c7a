import { asciiShadow, OTHER } from './detect/ascii-shadow.js';
import { BEYOND } from './detect/byte-kinds.js';
import { cluesOf, type TextClues } from './detect/text-clues.js';
import { passOver } from './detect/text-pass.js';
import { type TextHints, textHints } from './text-hints.js';

/** What is told of a text before anything is looked for in it. */
export interface TextReading {
  readonly hints: TextHints;
  readonly clues: TextClues;
}

/**
 * Reads a normalised text for both in one pass.
 * @param ascii it is known that there is nothing beyond ASCII in it
 */
export function readText(text: string, ascii = false): TextReading {
  const shadow = ascii ? text : asciiShadow(text);
  const wide = shadow !== text;
  const bytes = Buffer.from(shadow, 'latin1');
  const pass = passOver(wide ? codesOf(text, shadow, bytes) : bytes, wide);
  const clues = cluesOf(shadow, bytes, pass);
  // The apostrophe that clues take for that of ASCII is a letter for hints; normalised texts have none. A Latin letter
  // without its mark may end the name of a digit, but of wide texts all finders of those are asked anyway.
  return { hints: wide && text.includes('’') ? textHints(text) : pass.hints, clues };
}

/** The bytes of the shadow, with another code for what is neither ASCII nor a Latin letter. */
function codesOf(text: string, shadow: string, bytes: Buffer): Buffer {
  let at = shadow.indexOf(OTHER);
  if (at === -1) return bytes;
  const codes = Buffer.from(bytes);
  for (; at !== -1; at = shadow.indexOf(OTHER, at + 1)) if (text.charCodeAt(at) >= BEYOND) codes[at] = BEYOND;
  return codes;
}
