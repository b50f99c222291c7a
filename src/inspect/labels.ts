import type { TextClues } from './detect/text-clues.js';
import { labelGaps } from './label-gaps.js';
import { labelWords } from './label-words.js';
import { applyEdits, type EditedText } from './text-edits.js';

/**
 * The text with labels of people's data as patterns know them: as words (`labelWords`), and at their values
 * (`labelGaps`). Undefined where they are already.
 * @param clues those of the text
 */
export function plainLabels(text: string, clues: TextClues): EditedText | undefined {
  const edits = [...labelWords(text), ...labelGaps(text, clues)];
  return edits.length === 0 ? undefined : applyEdits(text, edits);
}
