import { MONTH_NAMES, readDate } from './detect/dates.js';

interface Stretch {
  readonly start: number;
  readonly end: number;
}

const DAY = '\\d{1,2}(?:st|nd|rd|th)?';
const YEAR = '(?:19|20)\\d{2}';
const DATE =
  `(?:\\d{1,2} ?[/.-] ?\\d{1,2} ?[/.-] ?(?:\\d{4}|\\d{2})|${YEAR} ?[/.-] ?\\d{1,2} ?[/.-] ?\\d{1,2}|${YEAR}\\d{4}` +
  `|${MONTH_NAMES}\\.?[ \\t-]{1,2}${DAY},?[ \\t-]{0,2}${YEAR}|${DAY}[ \\t-]{0,2}(?:of )?${MONTH_NAMES}\\.?,?[ \\t-]{0,2}${YEAR})`;
const WHOLE = new RegExp(`^${DATE}$`, 'i');
const WITHIN = new RegExp(`(?<![\\p{L}\\p{N}])${DATE}(?![\\p{L}\\p{N}])`, 'giu');
const LONG_YEAR = new RegExp(`(?<!\\d)${YEAR}`);

/**
 * Finds days that are among values, however they are written: `4 March 1950` and `1950-03-04` where `03/04/1950` is one.
 * Whether the day or the month stands first nobody knows, so either counts. Linear in the length of the text.
 * @param options.sure only days with their whole year
 */
export function valueDates(
  values: Iterable<string>,
  options: { readonly sure: boolean } = { sure: false },
): (text: string) => readonly Stretch[] {
  const days = new Set<string>();
  for (const value of values) if (WHOLE.test(value)) for (const day of daysOf(value)) days.add(day);
  if (days.size === 0) return () => [];
  return (text) =>
    [...text.matchAll(WITHIN)]
      .filter(
        ([date]) => daysOf(date).some((day) => days.has(day)) && (!options.sure || LONG_YEAR.test(date)),
      )
      .map(({ 0: date, index }) => ({ start: index, end: index + date.length }));
}

/** `YY-MM-DD`, and where it could be `YY-DD-MM` that as well. */
function daysOf(date: string): readonly string[] {
  const day = readDate(date)?.slice(2);
  if (day === undefined) return [];
  const isNumeric = /^\d{1,2}\D+\d{1,2}\D/.test(date) && !/[a-z]/i.test(date);
  const [year = '', month = '', dayOfMonth = ''] = day.split('-');
  return isNumeric && Number(dayOfMonth) <= 12 ? [day, `${year}-${dayOfMonth}-${month}`] : [day];
}
