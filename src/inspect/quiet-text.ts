import type { LongText } from './long-text.js';
import { normalise } from './normalise.js';
import { textHints } from './text-hints.js';

/**
 * Whether a text, normalised, has nothing in it that rules would find, in it or in what it is a stretch of.
 * @param lead characters at its beginning that the stretch before it has too; 0 where the text begins here
 */
export type ShowsNothing = (text: string, lead: number) => boolean;

/**
 * Whether there is nothing to be found in a long text, so that it need not be read as a whole. Every window must have nothing
 * in it, nor anything that could be a value in disguise (`textHints`): what the whole text would be read as besides
 * itself, or would show, begins in a window and has all that it depends on there.
 */
export function isQuiet(long: LongText, showsNothing: ShowsNothing): boolean {
  for (const window of long.windows()) {
    const { text } = normalise(window.text);
    const lead = normalise(window.text.slice(0, window.lead)).text.length;
    if (Object.values(textHints(text)).includes(true) || !showsNothing(text, lead)) return false;
  }
  return true;
}
