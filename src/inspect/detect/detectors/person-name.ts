import type { Confidence } from '../../../model/inspection.js';
import { asciiShadow } from '../ascii-shadow.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { PID_PATTERNS, pidField } from '../hl7-segment.js';
import { maskName } from '../masks.js';
import {
  anyNameKind,
  FAMILY,
  GIVEN,
  hasCredential,
  isDoctor,
  isIntroduced,
  isLabelledName,
  isTitled,
  mayBeCued,
  NOT,
  nameKind,
  ORDINARY,
} from '../name-cues.js';
import { isOfPatient } from '../patient-cue.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

// Patterns see letters without their marks.
const UPPER = '[A-Z]';
const LOWER = '[a-z]';
const WORD = `(?:${UPPER}${LOWER}{0,4}[\\x27-]?${UPPER}?${LOWER}{1,20}(?:-${UPPER}${LOWER}{1,20})?|${UPPER}{2,20})`;
const PARTICLE = '(?:(?:de|da|del|della|di|la|le|van|von|der|den|bin|al|el|ter|dos|das) ){0,2}';
const INITIAL = `${UPPER}\\.?`;
/** R. Roe, R. O'Roe, R. McRoe. */
const INITIAL_LAST = `(?-u:\\b)${UPPER}\\. ?${UPPER}(?:\\x27${UPPER})?${LOWER}{1,20}(?:-?${UPPER}${LOWER}{1,20})?`;

/**
 * Names of persons, by what is around them: a title, a cue such as "patient:", the order LAST, FIRST, a column, or
 * a common given name before a capitalised word. Eponyms of diseases, institutions and places are left out. A name
 * alone never makes a message PHI: only one that the text ties to a patient counts.
 * Source: 45 CFR 164.514(b)(2)(i)(A); lists of common names of our own.
 */
export const personName: Detector = {
  info: {
    name: 'person-name',
    class: 'identifier',
    safeHarbor: 'A-names',
    description: 'Name of a person, known by title, cue or common given name',
    source: "45 CFR 164.514(b)(2)(i)(A); Sallyport's own lists of common names",
  },
  identifies: 'name',
  patterns: [
    ...near({ names: true }, [
      `${WORD}(?:[ \\t](?:${PARTICLE}${WORD}|${INITIAL})){0,3}`,
      `${WORD},[ \\t]?${WORD}(?:[ \\t]${INITIAL})?`,
    ]),
    ...near({ word: 'namePart' }, [INITIAL_LAST]),
    ...PID_PATTERNS,
    ...near({ literal: '<' }, [
      '<(?:[a-z0-9]{1,8}:)?(?:given|family)(?: [^<>\\n]{0,60})?>[A-Za-z\\x27-]{1,40}<',
    ]),
  ],
  judge: (hits, text) => hits.flatMap((hit) => judge(hit, text)),
  mask: maskName,
};

function judge(hit: Hit, text: ScannedText): readonly Sighting[] {
  if (hit.text === 'PID|') {
    const field = pidField(text.text, hit, 5, 2);
    if (field === undefined) return [];
    const value = text.text.slice(field.start, field.end).toLowerCase();
    return [{ ...field, value, confidence: 'high', ofPatient: true }];
  }
  if (hit.text.startsWith('<')) {
    const start = hit.start + hit.text.indexOf('>') + 1;
    const name = text.text.slice(start, hit.end - 1);
    return [{ start, end: hit.end - 1, value: name.toLowerCase(), confidence: 'medium', ofPatient: true }];
  }
  if (hit.start > 0 && isPartOfWord(text.text, hit.start - 1)) return NONE;
  if (hit.text.charCodeAt(1) === 0x2e) return initialLast(hit, text);
  const comma = hit.text.indexOf(',');
  return comma !== -1 && !hit.text.slice(0, comma).includes(' ')
    ? lastFirst(hit, text)
    : firstLast(hit, text);
}

const NONE: readonly Sighting[] = [];

/** A letter, digit, underline or at sign. */
function isPartOfWord(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80)
    return (
      (code >= 0x61 && code <= 0x7a) ||
      (code >= 0x40 && code <= 0x5a) ||
      (code >= 0x30 && code <= 0x39) ||
      code === 0x5f
    );
  return /[\p{L}\p{N}]/u.test(text.charAt(at));
}

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

/** ROE, JANE or Roe, Jane: both words must be known, or a label must stand before. */
function lastFirst(hit: Hit, text: ScannedText): readonly Sighting[] {
  const [family = '', given = ''] = hit.text.split(',').map((word) => plain(word.trim().split(' ')[0] ?? ''));
  const familyKind = anyNameKind(family);
  const givenKind = anyNameKind(given);
  if (((nameKind(family) | nameKind(given)) & NOT) !== 0) return NONE;
  const label = isLabelledName(text.before(hit.start, 40));
  const isGiven = (givenKind & GIVEN) !== 0;
  const known = Number(isGiven) + Number((familyKind & FAMILY) !== 0);
  if (known === 0) return NONE;
  if (known === 1 && !label && !/\bname\b/.test(text.labels(hit.start))) {
    return isGiven && family.length > 2
      ? [sighting(hit.start, hit.end, `${given} ${family}`, 'low', text)]
      : [];
  }
  return [sighting(hit.start, hit.end, `${given} ${family}`, known === 2 && label ? 'high' : 'medium', text)];
}

const BEFORE_INITIAL =
  /(?:^|\n|[:,(–—-] ?|\b(?:pts?|patient|for|of|with|re|see|saw|male|female|man|woman|mrs?|ms|miss|\d{1,3} ?(?:yo|[mf])|bed \d{1,2})\.? )$/;

/** R. Roe, but not in a list of authors. */
function initialLast(hit: Hit, text: ScannedText): readonly Sighting[] {
  const word = /[^. \t]+$/.exec(hit.text)?.[0] ?? '';
  const family = plain(word);
  const kind = nameKind(family);
  if (word.length < 3 || word === word.toUpperCase() || (kind & GIVEN) !== 0) return NONE;
  if ((kind & (NOT | FAMILY)) === NOT) return NONE;
  const before = text.before(hit.start, 44);
  if (/(?:^|[ ,&])(?:[a-z]\. ?){1,2}[a-z'-]+,? (?:and |& )?$/.test(before)) return [];
  const after = text.after(hit.end, 24);
  if (/^(?:,? et al|,? (?:and |& )?[a-z]\. ?[a-z])/.test(after)) return [];
  // "… of Fragile X. People with …" is the end of a sentence.
  if ((kind & FAMILY) === 0 && !BEFORE_INITIAL.test(before)) return NONE;
  const value = `${hit.text.charAt(0).toLowerCase()} ${family}`;
  const confidence = (anyNameKind(family) & FAMILY) !== 0 ? 'medium' : 'low';
  return isDoctor(before) || hasCredential(after)
    ? [{ start: hit.start, end: hit.end, value, confidence: 'medium', ofProfessional: true }]
    : [sighting(hit.start, hit.end, value, confidence, text)];
}

interface NameWord {
  readonly text: string;
  /** As the lists have it. */
  readonly plain: string;
  /** `nameKind` of it. */
  readonly kind: number;
  readonly start: number;
  readonly end: number;
}

/** Jane Roe, Jane Q. Roe, Jane R., or with a title or cue Roe alone. */
function firstLast(hit: Hit, text: ScannedText): readonly Sighting[] {
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

function isGivenName({ plain, kind }: NameWord): boolean {
  if ((kind & GIVEN) !== 0) return true;
  const dash = plain.indexOf('-');
  return dash > 0 && (nameKind(plain.slice(0, dash)) & GIVEN) !== 0;
}

/** As the lists have it: small letters without marks, no point behind an initial. */
function plain(word: string): string {
  const small = asciiShadow(word).toLowerCase();
  return small.endsWith('.') ? small.slice(0, -1) : small;
}

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

function sighting(
  start: number,
  end: number,
  value: string,
  confidence: Confidence,
  text: ScannedText,
): Sighting {
  return { start, end, value, confidence, ofPatient: isOfPatient(text, start, end) };
}

function wordsOf(hit: Hit): readonly NameWord[] {
  const found: NameWord[] = [];
  const { text } = hit;
  for (let at = 0; at < text.length; ) {
    let end = at;
    while (end < text.length && text[end] !== ' ' && text[end] !== '\t') end++;
    if (end > at) {
      // The possessive isn't part of the name.
      const whole = text.slice(at, end);
      const word = /..['’]s$/.test(whole) ? whole.slice(0, -2) : whole;
      const start = hit.start + at;
      const small = plain(word);
      found.push({ text: word, plain: small, kind: nameKind(small), start, end: start + word.length });
    }
    at = end + 1;
  }
  return found;
}
