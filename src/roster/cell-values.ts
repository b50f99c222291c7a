import { asciiShadow } from '../inspect/detect/ascii-shadow.js';
import { readDate } from '../inspect/detect/dates.js';
import {
  canonicalNumber,
  dayNumber,
  isYear,
  LONGEST_NUMBER,
  MOST_TEXT_WORDS,
  nameWords,
  SHORTEST_NUMBER,
  textWords,
} from '../inspect/detect/roster/canonical.js';
import { DOMAIN, type Domain } from '../inspect/detect/roster/hashes.js';
import type { ColumnKind } from '../inspect/detect/roster/kinds.js';
import { streetPrefixes } from '../inspect/detect/roster/street.js';
import { normalise } from '../inspect/normalise.js';

/** In which order the days of a column are written where the numbers alone don't say. */
export type DateOrder = 'month-first' | 'day-first';

export interface CellValue {
  readonly domain: Domain;
  readonly value: string;
}

/** Values that one cell of a kind gives, at most. */
export const PLACES: Readonly<Record<ColumnKind, number>> = {
  given: 2,
  family: 2,
  name: 4,
  dob: 1,
  mrn: 1,
  number: 1,
  ssn: 1,
  phone: 1,
  email: 1,
  address: 1,
  zip: 1,
  text: 1,
};

/** What stands in columns for no value. */
const EMPTY =
  /^(?:n\/?a|none|null|nil|unknown|unk|not (?:available|known|on file|given)|tbd|test|[\s.?*_-]*)$/i;

/**
 * What is hashed of a cell, in the one form that texts are brought to as well. Empty for a cell that holds nothing of
 * its kind.
 */
export function cellValues(
  kind: ColumnKind,
  cell: string,
  options: { readonly dates: DateOrder; readonly today: Date },
): readonly CellValue[] {
  const ascii = asciiShadow(normalise(cell).text).trim();
  if (EMPTY.test(ascii)) return [];
  switch (kind) {
    case 'given':
    case 'family':
    case 'name':
      return chosenWords(kind, nameWords(ascii)).map((value) => ({ domain: DOMAIN.word, value }));
    case 'dob':
      return one(DOMAIN.date, birthDay(ascii, options)?.toString());
    case 'mrn':
    case 'number':
      return one(DOMAIN.number, recordNumber(ascii));
    case 'ssn':
      return one(DOMAIN.number, socialSecurityNumber(ascii));
    case 'phone':
      return one(DOMAIN.number, phoneNumber(ascii));
    case 'email':
      return one(DOMAIN.email, emailAddress(ascii));
    case 'address':
      return one(DOMAIN.address, streetAddress(ascii));
    case 'zip':
      return one(DOMAIN.zip, /^\d{3,5}(?=-?\d{4}$|$)/.exec(ascii)?.[0].padStart(5, '0'));
    case 'text':
      return one(DOMAIN.text, shortText(ascii));
  }
}

function one(domain: Domain, value: string | undefined): readonly CellValue[] {
  return value === undefined ? [] : [{ domain, value }];
}

/** Of many family names the last two, of given names the first two; of a full name the first and the last. */
function chosenWords(kind: 'given' | 'family' | 'name', words: readonly string[]): readonly string[] {
  const distinct = [...new Set(words)];
  const most = PLACES[kind];
  if (distinct.length <= most || kind === 'given') return distinct.slice(0, most);
  return kind === 'family' ? distinct.slice(-most) : [...distinct.slice(0, 2), ...distinct.slice(-2)];
}

/** The day of a date in any of the usual forms, with or without a time behind it. */
export function birthDay(
  ascii: string,
  { dates, today }: { readonly dates: DateOrder; readonly today: Date },
): number | undefined {
  const numeric = /^(\d{1,2}) ?[/.-] ?(\d{1,2}) ?[/.-] ?(\d{4}|\d\d)(?!\d)/.exec(ascii);
  if (numeric !== null) {
    const [, a = '', b = '', year = ''] = numeric;
    const full = fullYear(year, today);
    const [first, second] =
      dates === 'day-first'
        ? [dayNumber(full, Number(b), Number(a)), dayNumber(full, Number(a), Number(b))]
        : [dayNumber(full, Number(a), Number(b)), dayNumber(full, Number(b), Number(a))];
    return first ?? second;
  }
  const iso = /^(\d{4})[/.-]?(\d{1,2})[/.-]?(\d{1,2})(?=$|[T ]|\d{2,})/.exec(ascii);
  if (iso !== null) return dayNumber(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const read = readDate(ascii.replace(/[ T]\d{1,2}:\d\d.*$/, ''));
  if (read === undefined) return undefined;
  const [year = '', month, day] = read.split('-');
  return dayNumber(fullYear(year.replace('xx', ''), today), Number(month), Number(day));
}

/** Of two digits, the latest year that isn't in the future. */
function fullYear(year: string, today: Date): number {
  if (year.length !== 2) return Number(year);
  const recent = 2000 + Number(year);
  return recent <= today.getUTCFullYear() ? recent : recent - 100;
}

function recordNumber(ascii: string): string | undefined {
  const number = canonicalNumber(ascii);
  const digits = number.replace(/\D/g, '').length;
  const fits = number.length >= SHORTEST_NUMBER && number.length <= LONGEST_NUMBER && digits >= 3;
  return fits && !isYear(number) && !/^(.)\1*$/.test(number) ? number : undefined;
}

/** Nine digits; spreadsheets lose zeros in front. */
function socialSecurityNumber(ascii: string): string | undefined {
  const digits = ascii.replace(/\D/g, '');
  if (digits.length < 7 || digits.length > 9 || /[a-z]/i.test(ascii)) return undefined;
  const full = digits.padStart(9, '0');
  const issued = !/^(?:000|666)|^...00|0000$|^(\d)\1+$|^123456789$/.test(full);
  return issued ? canonicalNumber(full) : undefined;
}

/** US numbers without the prefix of the country; an extension is left out. */
function phoneNumber(ascii: string): string | undefined {
  const digits = ascii.replace(/ ?(?:x|ext).*$/i, '').replace(/\D/g, '');
  const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
  const plausible = national.length >= 7 && national.length <= 15 && !/^(\d)\1+$/.test(national);
  return plausible ? canonicalNumber(national) : undefined;
}

function emailAddress(ascii: string): string | undefined {
  return /[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,6}[a-z][a-z0-9-]{0,22}[a-z0-9]/i
    .exec(ascii)?.[0]
    .toLowerCase();
}

function streetAddress(ascii: string): string | undefined {
  return [...streetPrefixes(ascii, Math.max(0, ascii.search(/\d/)))].at(-1)?.value;
}

/** At least four characters: a sex or a state says nothing. */
function shortText(ascii: string): string | undefined {
  const words = textWords(ascii);
  const value = words.join(' ');
  return words.length > 0 && words.length <= MOST_TEXT_WORDS && value.length >= 4 ? value : undefined;
}
