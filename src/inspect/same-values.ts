import { valueDates } from './value-dates.js';
import { valueWords } from './value-words.js';

/**
 * Finds what is the same as one of the values in texts in which nothing says what it is: by its words, or as the same day.
 * @param values normalised
 * @param options.sure only what is hardly ever anything else
 */
export function sameValues(
  values: readonly string[],
  options: { readonly sure: boolean } = { sure: false },
): (text: string) => readonly { readonly start: number; readonly end: number }[] {
  const inWords = valueWords(values, options);
  const asDates = valueDates(values, options);
  return (text) => [...inWords(text), ...asDates(text)];
}
