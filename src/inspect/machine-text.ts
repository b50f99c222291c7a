import { normalise } from './normalise.js';

/** Words joined by dashes and underscores, as in Message-IDs and field names. */
const TOKEN = /[A-Za-z0-9]{1,40}(?:[-_][A-Za-z0-9]{1,40}){0,12}/g;
/** Social security number, payment card, Medicare number: in groups, as programs hardly ever make them. */
const GROUPED =
  /^(?:\d{3}-\d{2}-\d{4}|\d{4}-\d{4}-\d{4}-\d{4}|[1-9][a-z][0-9a-z]\d-[a-z][0-9a-z]\d-[a-z]{2}\d\d)$/i;
/** Has no digit, however it is read. */
const PLAIN = /^[\x20-\x2f\x3a-\x7e]*$/;
/** Stands in whatever `GROUPED` or `LABELLED` find: most values that programs make have none of it. */
const HINT =
  /\d[-_](?:\d\d[-_]\d{4}|\d{4}[-_]\d{4}|[a-z][0-9a-z]\d[-_][a-z]{2}\d)|ssn|mrn|mbi|dob|patient|medicare|social/i;
/** A label, and digits right behind it. */
const LABELLED =
  /(?<![A-Za-z0-9])(ssn|mrn|mbi|dob|patient|medicare|social[-_]?security)[-_.=:]{0,2}((?:id|no|num|number)[-_.=:]{0,2})?(\d{3}\.\d{2}\.\d{4}|[A-Za-z]{0,3}\d[\d_/-]{2,18}\d)(?![A-Za-z0-9])/gi;
/** At the beginning of a word of a field's name. */
const LABEL_OF_FIELD =
  /(?:ssn|mrn|mbi|dob|patient|medicare|medical|birth|birthdate|diagnosis|dx|icd10?|social-?security)(?:$|[-_])/y;

/**
 * What could identify a person in text that programs make up (Message-IDs, trace fields, field names), as words that
 * detectors can read; '' where there is nothing. Times, counters, UUIDs and hashes are passed over: only grouped
 * numbers that fill the place between other words count, and digits right behind a label.
 */
export function identifiersInMachineText(value: string): string {
  // Most names of fields, for instance: whatever is found has a digit.
  if (PLAIN.test(value)) return '';
  const { text } = normalise(value);
  if (!HINT.test(text)) return '';
  const found = new Set<string>();
  for (const [token] of text.matchAll(TOKEN)) {
    const words = token.split(/[-_]/);
    const first = words.findIndex((word) => /\d/.test(word));
    const last = words.findLastIndex((word) => /\d/.test(word));
    if (first === -1 || !GROUPED.test(words.slice(first, last + 1).join('-'))) continue;
    const number = words.slice(first, last + 1).join('-');
    found.add([...words.slice(0, first), number, ...words.slice(last + 1)].join(' '));
  }
  for (const [, label = '', kind = '', number = ''] of text.matchAll(LABELLED)) {
    const words = `${label} ${kind}`.replace(/[-_.=:]+/g, ' ').trim();
    found.add(`${words} ${number.replaceAll('_', '-')}`);
  }
  return [...found].join('\n');
}

/** The words of a field's name where it says what the value is (`X-Patient-SSN`: `patient ssn`), else undefined. */
export function labelOfField(name: string): string | undefined {
  if (!isLabelled(name)) return undefined;
  return name.replace(/^x-/, '').replace(/(?<!\d)[-_]|[-_](?!\d)/g, ' ');
}

function isLabelled(name: string): boolean {
  for (let at = 0; at < name.length; at++) {
    if (at > 0 && name[at - 1] !== '-' && name[at - 1] !== '_') continue;
    LABEL_OF_FIELD.lastIndex = at;
    if (LABEL_OF_FIELD.test(name)) return true;
  }
  return false;
}
