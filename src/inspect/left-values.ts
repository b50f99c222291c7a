import { sameValues } from './same-values.js';

/** Shorter ones stand in other numbers by chance. */
const LEAST_CHARACTERS = 6;
/** Names and words stand in addresses and in other words. */
const LEAST_DIGITS = 4;
const MOST_VALUES = 1000;

/**
 * Whether a value that was redacted can still be read somewhere, in whatever way it is written there: in an address of a
 * page, in a style sheet, with other separators or none, line by line; short numbers and names as words of their
 * own, and days in whatever form.
 * @param values as detectors saw them
 * @param texts every reading of a message, and the sources of its texts
 */
export function isValueLeft(values: readonly string[], texts: readonly string[]): boolean {
  const same = sameValues(values, { sure: true });
  if (texts.some((text) => same(text).length > 0)) return true;
  const wanted = new Set<string>();
  for (const value of values) {
    const bare = alphanumerics(value);
    if (bare.length >= LEAST_CHARACTERS && (bare.match(/\d/g) ?? []).length >= LEAST_DIGITS) wanted.add(bare);
    // More than can be looked for: what isn't looked for must not count as gone.
    if (wanted.size > MOST_VALUES) return true;
  }
  if (wanted.size === 0) return false;
  const all = [...wanted];
  return texts.some((text) =>
    text.split('\n').some((line) => {
      const bare = /\d/.test(line) ? alphanumerics(line) : '';
      return bare.length >= LEAST_CHARACTERS && all.some((value) => bare.includes(value));
    }),
  );
}

function alphanumerics(text: string): string {
  return text.replace(/[^\p{L}\p{N}]+/gu, '').toLowerCase();
}
