import { asciiShadow } from './ascii-shadow.js';
import { type ByteWords, byteWords } from './byte-words.js';
import type { ScannedText } from './scanned-text.js';
import { wordList } from './word-lists.js';

/** What the words before and behind a name say of it, and the lists of common names. */

const SHORT_TITLES = 'mr|mrs|ms|mx|sr|sra|mme|mlle|sig|mevr|dhr';
const LONG_TITLES =
  'miss|master|señor|señora|madame|monsieur|herr|frau|signor|signora|mevrouw|sister|brother|baby';
const TITLES = `${SHORT_TITLES}|${LONG_TITLES}`;
const TITLE = new RegExp(`(?:^|[^\\p{L}])(?:(?:${SHORT_TITLES})\\.?|${LONG_TITLES}) $`, 'iu');
const DOCTORS =
  'dr|drs|dra|doctor|prof|professor|nurse|practitioner|midwife|pharmacist|physician|provider|therapist|surgeon|rev|chaplain|sheriff|dean';
const DOCTOR = new RegExp(`(?:^|[^\\p{L}])(?:${DOCTORS})\\.?,? $`, 'iu');
const KIN =
  'baby girl|baby boy|mom|mum|mommy|mother|dad|father|daughter|son|wife|husband|brother|sister|aunt|uncle|grandma|grandpa|grandmother|grandfather|nephew|niece|cousin|spouse|fiancée?|child|kid|paciente|patientin|patiente|paziente';
const LABELS = `patient|pt|member|subscriber|insured|beneficiary|client|name|named|guarantor|resident|decedent|claimant|applicant|participant|recipient|donor|cardholder|enrollee|surname|forename|${KIN}`;
/** Labels after which a name is a name, known or not. */
const LABEL = new RegExp(
  `\\b(?:${LABELS}|referral for|referral:|referring|interpreter for|chart (?:for|of)|records? (?:for|of)|results? (?:for|of)|re)(?:'s)?(?: full)?(?: name)?(?: is)?[ \\t]{0,2}[:,-]?[ \\t]{0,3}$`,
);
/** What only two capitalised words or more can follow as a name. */
const INTRODUCTION = /\b(?:i am|my name is) $/;
const CREDENTIAL =
  /^,? ?(?:m\.?d|d\.?o|(?:ap|lv|b)?r\.?n|lpn|crn[ap]|n\.?p|fnp|ph\.?d|p\.?a(?:-c)?|pharm\.?d|d\.?d\.?s|dmd|dpm|dvm|d?pt|ot(?:r\/l)?|slp|rd|l?c?msw|lcsw|lmft|lpc|cgc|mph|mha|mba|msn?|esq|cpa|faa[acp]|cwocn)\b/;

/** Every word that may stand last in these. */
export const NAME_CUES: readonly string[] = [
  ...new Set(alternatives(`${TITLES}|${DOCTORS}|${LABELS}|re|am|girl|boy`)),
];
const LONGEST_CUE = 13;

function alternatives(words: string): readonly string[] {
  return words.replaceAll('ée?', 'ee|fiance').split('|').map(asciiShadow);
}

export function isTitled(before: string): boolean {
  return TITLE.test(before);
}

/** "Dear school nurse, Jane Roe …": the letter is about her. */
const ADDRESSED = /(?:^|\n)[ \t>]{0,4}(?:dear|to(?: the)?|hi|hello) [^\n,:]{2,36}, $/;

export function isDoctor(before: string): boolean {
  return DOCTOR.test(before) && !ADDRESSED.test(before);
}

export function isLabelledName(before: string): boolean {
  return LABEL.test(before);
}

export function isIntroduced(before: string): boolean {
  return INTRODUCTION.test(before);
}

export function hasCredential(after: string): boolean {
  return CREDENTIAL.test(after);
}

/** What the word before a place may be the end of, as bits: far cheaper than to look for it. */
export const CUE_TITLE = 1;
export const CUE_DOCTOR = 2;
export const CUE_LABEL = 4;
export const CUE_INTRODUCTION = 8;

const CUE_ENDS = byteWords(
  [
    [TITLES, CUE_TITLE],
    [DOCTORS, CUE_DOCTOR],
    [`${LABELS}|re|referral|for|of|full|is|s|girl|boy`, CUE_LABEL],
    ['am|is', CUE_INTRODUCTION],
  ].flatMap(([words, bit]) =>
    typeof words === 'string' && typeof bit === 'number'
      ? alternatives(words).map((word) => [word, bit] as const)
      : [],
  ),
);

/** Which cues may end before a place. */
export function cueBefore({ text, clues }: ScannedText, start: number): number {
  let end = start;
  while (end > 0 && start - end < 8 && isBetween(text.charCodeAt(end - 1))) end--;
  let begin = end;
  while (begin > 0 && end - begin < LONGEST_CUE && isLetter(text.charCodeAt(begin - 1))) begin--;
  return begin < end && end - begin < LONGEST_CUE ? CUE_ENDS.bitsAt(clues.bytes, begin, end) : 0;
}

/** Blank, tab, colon, comma, dash, point. */
function isBetween(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x3a || (code >= 0x2c && code <= 0x2e);
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code >= 0xc0;
}

/** What the lists of names say of a word, as bits. */
export const GIVEN = 1;
export const FAMILY = 2;
/** A family name that is an everyday word too. */
export const ORDINARY = 4;
/** A capitalised word that is no part of a name. */
export const NOT = 8;

/** What a name before makes an institution or place, though some are family names. */
export const INSTITUTION = 16;
/** Ends a name without making it an institution's. */
export const FIELD = 32;

const LISTS = [
  ['given-names', GIVEN],
  ['family-names', FAMILY],
  ['ordinary-names', ORDINARY],
  ['not-names', NOT],
] as const;

const INSTITUTIONS =
  'church chapel cathedral hospital clinic school college university center centre street avenue road foundation';
const FIELDS =
  'dob mrn ssn dx hx rx tx sx pt pts patient id date phone tel sex age re diagnosis account acct policy insurance ' +
  'insured npi claim case chart has had is was does did and or with on from for of at in the i he she his her icu ' +
  'ct mri ekg ecg eeg type hiv covid copd january february march april may june july august september october ' +
  'november december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday ' +
  'saturday sunday mon tue wed thu fri sat sun subject sent to cc you your thanks thank please hi hello dear';

let kinds: ByteWords | undefined;

function allKinds(): ByteWords {
  kinds ??= readKinds();
  return kinds;
}

/** The bits of a word in small letters without marks. The lists are read when first asked for. */
export function nameKind(word: string): number {
  return allKinds().bitsOf(word);
}

/** The same of a word where it stands. */
export function nameKindAt(bytes: Uint8Array, start: number, end: number): number {
  return allKinds().bitsAt(bytes, start, end);
}

/** The same, for names joined by hyphens the bits of any of them. */
export function anyNameKind(name: string): number {
  const whole = nameKind(name);
  if (whole !== 0 || !name.includes('-')) return whole;
  let bits = 0;
  for (const part of name.split('-')) bits |= nameKind(part);
  return bits;
}

function readKinds(): ByteWords {
  return byteWords([
    ...LISTS.flatMap(([list, bit]) => wordList(list).map((word) => [word, bit] as const)),
    ...INSTITUTIONS.split(' ').map((word) => [word, INSTITUTION] as const),
    ...FIELDS.split(' ').map((word) => [word, FIELD] as const),
  ]);
}
