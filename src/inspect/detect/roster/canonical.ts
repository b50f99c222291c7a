/* One form for all ways of writing a value. Everything takes ASCII (`asciiShadow` of normalised text). */

/** Letters and digits in small letters, without zeros in front: spreadsheets lose those. */
export function canonicalNumber(ascii: string): string {
  return ascii
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '')
    .replace(/^0+(?=.)/, '');
}

/** Numbers of fewer or more characters are not looked for. */
export const SHORTEST_NUMBER = 4;
export const LONGEST_NUMBER = 24;

/** A number that could not be told from a year is worth nothing. */
export function isYear(number: string): boolean {
  return /^(?:19|20)\d\d$/.test(number);
}

/** Words of names that say little: particles, titles, degrees. */
const MINOR = new Set(
  (
    'de la del della di da dos das du van von der den ter ten le el al bin ibn abu mac mc st jr sr ii iii iv mr mrs ms ' +
    'miss dr md rn phd the and of'
  ).split(' '),
);
/** What stands for no name. */
const NONE = new Set('none null unknown unk test'.split(' '));

/** The words of a name in small letters, of two letters at least; particles only where there is nothing else. */
export function nameWords(ascii: string): readonly string[] {
  const words = (ascii.toLowerCase().match(/[a-z]{2,}/g) ?? []).filter((word) => !NONE.has(word));
  const major = words.filter((word) => !MINOR.has(word));
  return major.length > 0 ? major : words;
}

/** Longest text that is compared, in words. */
export const MOST_TEXT_WORDS = 6;

/** The words of a text in small letters. */
export function textWords(ascii: string): readonly string[] {
  return ascii.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}

/** `YYYYMMDD` as a number. Undefined where there is no such day. */
export function dayNumber(year: number, month: number, day: number): number | undefined {
  if (year < 1880 || year > 2199 || month < 1 || month > 12 || day < 1) return undefined;
  const days = month === 2 ? 29 : month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return day > days ? undefined : year * 10_000 + month * 100 + day;
}
