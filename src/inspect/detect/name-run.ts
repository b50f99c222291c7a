import type { Confidence } from '../../model/inspection.js';
import type { Sighting } from './detector.js';
import {
  FAMILY,
  GIVEN,
  hasCredential,
  isDoctor,
  isIntroduced,
  isLabelledName,
  isTitled,
  mayBeCued,
  NOT,
  ORDINARY,
} from './name-cues.js';
import { sighting } from './name-sighting.js';
import { isGivenName, type NameWord, wordsOf } from './name-word.js';
import type { Hit } from './patterns.js';
import type { ScannedText } from './scanned-text.js';

/** Names within runs of capitalised words. */

const NONE: readonly Sighting[] = [];

/** What a name before makes an institution or place, though some are family names. */
const INSTITUTIONS = new Set(
  'church chapel cathedral hospital clinic school college university center centre street avenue road foundation'.split(
    ' ',
  ),
);
/** Words that end a name without making it an institution's. */
const FIELDS = new Set(
  (
    'dob mrn ssn dx hx rx tx sx pt pts patient id date phone tel sex age re diagnosis account acct policy insurance ' +
    'insured npi claim case chart has had is was does did and or with on from for of at in the i he she his her icu ' +
    'ct mri ekg ecg eeg type hiv covid copd january february march april may june july august september october ' +
    'november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday ' +
    'saturday sunday mon tue wed thu fri sat sun subject sent to cc you your thanks thank please hi hello dear'
  ).split(' '),
);

/** Jane Roe, Jane Q. Roe, Jane R., or with a title or cue Roe alone. */
export function firstLast(hit: Hit, text: ScannedText): readonly Sighting[] {
  const words = wordsOf(hit);
  let found: Sighting[] | undefined;
  // Leading capitalised words that no name has ("Hello", "Reason", "Hospital") are dropped one by one.
  for (let first = 0; first < words.length; ) {
    const named = nameFrom(words, first, text);
    if (named === undefined) {
      first++;
      continue;
    }
    found ??= [];
    found.push(named.sighting);
    first = named.next;
  }
  return found ?? NONE;
}

/** The name that begins with a word of a run of capitalised ones, and the word behind it. */
function nameFrom(
  words: readonly NameWord[],
  first: number,
  text: ScannedText,
): { readonly sighting: Sighting; readonly next: number } | undefined {
  const head = words[first];
  if (head === undefined) return undefined;
  const { kind } = head;
  const isFamily = (kind & FAMILY) !== 0;
  const isGiven = isGivenName(head);
  const cued = mayBeCued(text.text, head.start);
  const column = text.hasRows() && isNameColumn(text, head.start);
  // Most capitalised words: nothing below would make a name of one.
  if (!(isGiven || cued || column || isFamily)) return undefined;
  const more = words.length - first > 1;
  const before = cued ? text.before(head.start, 44) : '';
  // "MS. Doctors" is no title.
  const titled = cued && isTitled(before) && !/\bMS\.? $/.test(text.text.slice(head.start - 4, head.start));
  const cue =
    titled || (cued && (isLabelledName(before) || isDoctor(before) || (more && isIntroduced(before))));
  if (!(isGiven || cue || column || isFamily)) return undefined;
  let stop = first + 1;
  while (stop < words.length && !isStop(words[stop] ?? head, isGiven)) stop++;
  const stopped = stop < words.length;
  if ((kind & NOT) !== 0 && !(isGiven && more && !(stopped && stop === first + 1))) return undefined;
  const name = withoutAcronym(words.slice(first, stop));
  const last = name.at(-1) ?? head;
  const rated = rate(name, { isGiven, titled, cue, column });
  if (rated === undefined || last.text === '') return undefined;
  // Half of something longer, as CHAD of CHAD2DS2.
  if (name.length === 1 && /\d/.test(text.text.charAt(last.end))) return undefined;
  const after = text.after(last.end, 20);
  // "Roe Clinic", "Jefferson Street", "Down syndrome": what follows says that it isn't a person's.
  if (!cue && ((stopped && !FIELDS.has(words[stop]?.plain ?? '')) || INSTITUTION_BEHIND.test(after)))
    return undefined;
  const value = name.map((word) => word.plain).join(' ');
  const known = isGiven && name.some((word, index) => index > 0 && (word.kind & FAMILY) !== 0);
  const doctor = isDoctor(before) || hasCredential(after.slice(0, 12));
  return {
    sighting: doctor
      ? { start: head.start, end: last.end, value, confidence: 'medium', ofProfessional: true }
      : sighting(head.start, last.end, value, rated === 'medium' && known && cue ? 'high' : rated, text),
    next: stopped ? stop : words.length,
  };
}

const INSTITUTION_BEHIND =
  /^['’]?s? (?:hospital|clinic|disease|syndrome|sign|test|score|scale|street|university|college|center|medical)\b/;

/** "Jane Roe MRI": behind words in small letters, one in capitals is none of a name. */
function withoutAcronym(name: readonly NameWord[]): readonly NameWord[] {
  const head = name[0]?.text ?? '';
  if (head === head.toUpperCase()) return name;
  const end = name.findIndex(
    ({ text, kind }, index) => index > 0 && text.length > 1 && (kind & FAMILY) === 0 && /^[A-Z]+$/.test(text),
  );
  return end === -1 ? name : name.slice(0, end);
}

/** Ends a name. A word that is a family name too (White, Bell) stays one behind a given name. */
function isStop({ plain, kind }: NameWord, afterGiven: boolean): boolean {
  if (afterGiven && plain.length === 1) return false;
  return ((kind & NOT) !== 0 && !(afterGiven && (kind & FAMILY) !== 0)) || INSTITUTIONS.has(plain);
}

function rate(
  name: readonly NameWord[],
  facts: {
    readonly isGiven: boolean;
    readonly titled: boolean;
    readonly cue: boolean;
    readonly column: boolean;
  },
): Confidence | undefined {
  const full = name.length > 1;
  const tail = name.at(-1)?.plain ?? '';
  const kind = name.at(-1)?.kind ?? 0;
  if (facts.titled && tail.length > 2) return 'medium';
  if (facts.cue || facts.column) return full || facts.isGiven || (kind & FAMILY) !== 0 ? 'medium' : 'low';
  if (!full) return facts.isGiven || (kind & (FAMILY | ORDINARY)) === FAMILY ? 'low' : undefined;
  if (facts.isGiven) return 'medium';
  // "Roe J." and the like.
  return ((name[0]?.kind ?? 0) & FAMILY) !== 0 && (tail.length === 1 || (kind & GIVEN) !== 0)
    ? 'medium'
    : undefined;
}

function isNameColumn(text: ScannedText, offset: number): boolean {
  return /\b(?:name|patient|member|subscriber)\b/.test(text.labels(offset));
}
