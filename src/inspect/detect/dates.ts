import { type CluedPattern, near } from './clue.js';

/** Dates with a day, as people write them in US mail. */

export const MONTH_NAMES =
  '(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)';

/** Patterns (Rust regex syntax) for full dates; `readDate` decides whether a hit is one. */
export const DATE_PATTERNS: readonly CluedPattern[] = [
  ...near({ number: [1, 2], total: 4 }, [
    '(?-u:\\b)[0-9]{1,2} ?[/.-] ?[0-9]{1,2} ?[/.-] ?(?:[0-9]{4}|[0-9]{2})(?-u:\\b)',
  ]),
  ...near({ number: [4, 4], total: 6 }, [
    // With the time that programs write behind it (ISO 8601).
    '(?-u:\\b)(?:19|20)[0-9]{2} ?[/.-] ?[0-9]{1,2} ?[/.-] ?[0-9]{1,2}(?:T[0-9]{1,2}(?:[:.]?[0-9]{1,9}){0,4})?Z?(?-u:\\b)',
  ]),
  ...near({ word: 'month' }, [
    `(?i)(?-u:\\b)${MONTH_NAMES}\\.?[ \\t-]{1,2}[0-9]{1,2}(?:st|nd|rd|th)?,?[ \\t-]{0,2}(?:(?:19|20)[0-9]{2}|'[0-9]{2})(?-u:\\b)`,
  ]),
  ...near({ number: [1, 2], behind: 'month' }, [
    `(?i)(?-u:\\b)[0-9]{1,2}(?:st|nd|rd|th)?[ \\t-]{0,2}(?:of )?${MONTH_NAMES}\\.?,?[ \\t-]{0,2}(?:(?:19|20)[0-9]{2}|'?[0-9]{2})(?-u:\\b)`,
  ]),
];

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * The date that a matched text means as `YYYY-MM-DD`, or undefined if there is no such day. A two-digit year stays
 * two digits wide behind `xx`, because its century is a guess.
 */
export function readDate(matched: string): string | undefined {
  const name = /[a-z]{3}/i.exec(matched.replace(/(?<=\d)(?:st|nd|rd|th)/gi, '').replace(/\bof\b/gi, ''))?.[0];
  const numbers = matched.match(/\d+/g) ?? [];
  if (name !== undefined) {
    const month = MONTHS.indexOf(name.toLowerCase()) + 1;
    return build(numbers[1], month, Number(numbers[0]));
  }
  const [a, b, c] = numbers;
  if (a === undefined || b === undefined || c === undefined) {
    return a !== undefined && a.length === 8
      ? build(a.slice(0, 4), Number(a.slice(4, 6)), Number(a.slice(6, 8)))
      : undefined;
  }
  if (a.length === 4) return build(a, Number(b), Number(c));
  // US order first; a day above twelve in the first place says day-month.
  return build(c, Number(a), Number(b)) ?? build(c, Number(b), Number(a));
}

function build(year: string | undefined, month: number, day: number): string | undefined {
  if (year === undefined || month < 1 || month > 12 || day < 1) return undefined;
  const days = month === 2 ? 29 : [4, 6, 9, 11].includes(month) ? 30 : 31;
  if (day > days) return undefined;
  if (year.length === 4 && (year < '1895' || year > '2039')) return undefined;
  const century = year.length === 2 ? `xx${year}` : year;
  return `${century}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}
