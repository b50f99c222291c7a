import type { TextClues } from './detect/text-clues.js';
import { plainLabels } from './labels.js';
import type { LongText } from './long-text.js';
import { normalise } from './normalise.js';
import { readText } from './text-reading.js';
import { toldNumbers } from './told-numbers.js';

/**
 * Whether a text, normalised, has nothing in it that rules would find, in it or in what it is a stretch of.
 * @param lead characters at its beginning that the stretch before it has too; 0 where the text begins here
 * @param clues those of the text, where they are known
 */
export type ShowsNothing = (text: string, lead: number, clues?: TextClues) => boolean;

/**
 * Whether there is nothing to be found in a long text, so that it need not be read as a whole. Every window must have nothing
 * in it, nor anything that could be a value in disguise (`textHints`): what the whole text would be read as besides
 * itself, or would show, begins in a window and has all that it depends on there.
 */
export function isQuiet(long: LongText, showsNothing: ShowsNothing): boolean {
  for (const window of long.windows()) {
    const { text } = normalise(window.text);
    const lead = normalise(window.text.slice(0, window.lead)).text.length;
    const { hints, clues } = readText(text);
    const { toldNumber, ...disguises } = hints;
    if (Object.values(disguises).includes(true) || !showsNothing(text, lead, clues)) return false;
    // Words that could tell a number stand in many a text.
    if (toldNumber && toldNumbers(text).length > 0) return false;
    if (plainLabels(text, clues) !== undefined) return false;
  }
  return true;
}
