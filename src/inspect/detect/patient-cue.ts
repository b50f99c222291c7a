import { bitOf } from './clue-words.js';
import type { ScannedText } from './scanned-text.js';
import { firstFrom } from './text-clues.js';
import { addToHash, type WordTable, wordTable } from './word-table.js';

const BEFORE = 72;
const AFTER = 56;

/**
 * Words before a value that make it a patient's: who it is about (`patient`, `58-year-old man`), or which record it
 * heads (`referral for`, `chart of`). Plurals are left out on purpose: "patients" are nobody in particular. Each reads
 * a window of fixed size, and ends at the value.
 */
const PATIENT =
  /\b(?:patient|pt|pts|patient's|paciente|patientin|patiente|paziente|patiënt|mother of|father of|parent of|daughter of|son of|wife of|husband of|spouse of)\b(?: name)?[^.;\n]{0,48}$/;
const AGE = /\b(?:year|yr|month|week|day|y)s?[- ]?(?:old|o)\b[^.;\n]{0,56}$/;
const AGE_AND_SEX = /\b\d{1,3} ?(?:yo|y\/o|y\.o\.|f|m|yof|yom)\b[^.;\n]{0,56}$/;
const RECORD =
  /\b(?:referral|referred|referring|chart|records?|file|results?|labs?|appointment|authori[sz]ation|auth|prescription|rx|refill|visit|report|scan|biopsy|x-?ray|mri|ct|claim|case(?: review)?|summary|admission|evaluation|consult(?:ation)?|note|letter|treatment|surgery|therapy|medications?|discharge|care)\b(?: plan| records?)? ?(?:for|of|on|re|to see|regarding|:)? ?(?:mr|mrs|ms|miss)?\.? ?$/;
const PRONOUN =
  /\b(?:he|she|her|his|him|baby|child|infant|resident|beneficiary|insured|subscriber|decedent)\b[^.;\n]{0,32}$/;
const CARE =
  /\b(?:admitted|admitting|treated|treating|saw|examined|diagnosed|discharged|discharging|operated on|intubated|named|similar to|like)\b ?(?:mr|mrs|ms|miss)?\.? ?$/;
/** A reference of FHIR (R4, Reference.display) in a resource about one patient. */
const REFERENCE = /"(?:subject|patient|beneficiary)"\s{0,8}:\s{0,8}\{[^{}]{0,40}"display"\s{0,8}:\s{0,8}"$/;

/** What people at work have done or have, which says nothing of their health. */
const DOINGS =
  '(?:(?:also|already|just|now|recently|not|never|since|kindly|the|our|your|any|some|more|no|new|a few|an?) ){0,2}(?:(?!(?:developed|experienced|suffered|received|tested|complained|presented|relapsed|needed|required|advanced|untreated|undiagnosed|reduced|elevated|enlarged|decreased|increased|infected|blocked|impaired|failed|worsened|uncontrolled|controlled|compromised|displaced|metastasized|elected|refused|declined|stopped|started|used|bed|red)\\b)[a-z]{2,16}ed|sent|written|made|given|spoken|put|set|built|led|won|got|begun|brought|bought|drawn|done|found|left|met|paid|read|said|seen|shown|sold|taught|told|questions?|information|access|comments?|news|ideas?|feedback|meetings?|copies|copy|data|numbers|plans?|offers?)\\b';

/** Whose age says nothing of a person. */
const ANIMALS =
  '(?:dog|puppy|cat|kitten|horse|mare|gelding|stallion|pony|rabbit|ferret|labrador|lab|retriever|beagle|poodle|terrier|dachshund|shepherd|spaniel|bulldog|boxer|chihuahua|husky|collie|corgi|shih tzu|tabby|siamese|dsh|thoroughbred)';

/** Each with the words it may begin with; `#` stands for a digit. */
const CUE_AFTER: readonly (readonly [first: string, cue: RegExp])[] = [
  [
    's',
    /^['’]s (?:chart|case|record|results?|labs?|condition|diagnosis|treatment|medications?|surgery|appointment|blood|biopsy|scan|mri|ct|symptoms|prescription|medical|test|visit|care|health|history|dose|insurance|h)\b/,
  ],
  [
    'a an #',
    new RegExp(
      `^[ ,(-]{0,3}(?:an? )?\\d{1,3}[ -]?(?:years?|yrs?|yo|y\\/o|y\\.o|months?)\\b(?![ -]?(?:old )?(?:[a-z-]+ ){0,2}${ANIMALS}\\b)`,
    ),
  ],
  [
    'male female f m #',
    /^[ ,(]{1,3}(?:(?:(?:fe)?male|[fm])[ ,/]{1,3}\d{1,3}\b|\d{1,3}[ ,/]{0,2}(?:(?:fe)?male|[fm])\b)/,
  ],
  [
    'dob d date born birth mrn age aged ssn medical',
    /^[ ,(;:|-]{0,4}(?:dob|d\.o\.b|date of birth|born|birth|mrn|age|aged|ssn|medical record)\b/,
  ],
  [
    'who is was were has had admitted seen treated diagnosed evaluated discharged presented presents presenting visited visiting underwent hospitalized hospitalised suffers suffering complains complained tested transferred referred receiving received recovering',
    /^[ ,(]{0,3}(?:who )?(?:is |was |were |has been |had been |is being )?(?:admitted|seen|treated|diagnosed|evaluated|discharged|(?:presented|presents|presenting)(?! (?:an?|the|our|results|findings|data|posters?)\b)|visited|visiting|underwent|hospitali[sz]ed|suffers|suffering|complains|complained|tested positive|transferred|referred|receiving|received|recovering)\b(?! (?:the|your|our|this|that|those|my|an? (?:grant|award|order|invoice|letter|e-?mail|shipment|prize|request|call))\b)/,
  ],
  [
    'who takes taking post status',
    /^[ ,(]{0,3}(?:who )?(?:(?:takes|taking)(?! (?:over|part|place|care|notes|calls|questions|orders|on)\b)|post|status post) /,
  ],
  ['who has had', new RegExp(`^[ ,(]{0,3}(?:who )?(?:has|had) (?!${DOINGS})`)],
  [
    'who with',
    /^[ ,(]{0,3}(?:who )?with (?!(?:the|our|us|you|me|your|this|that|any|all|american|national|questions?|information|details)\b)/,
  ],
  [
    'who on',
    /^[ ,(]{0,3}(?:who )?on (?!\d{3}|(?:the|ext|extension|bleep|our|your|this|that|behalf|board|duty|call|leave|vacation|how|why|what|when|where|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)/,
  ],
];

/** How far before a value words of a kind begin at most, with what may stand between; all others as far as `BEFORE`. */
const NEAR_REACH = 44;
const VERB_REACH = 28;

const QUOTE = 0x22;
const PATIENT_BIT = bitOf('patientWord');
const AGE_BIT = bitOf('ageUnit');
const RECORD_BIT = bitOf('recordWord');
const PRONOUN_BIT = bitOf('pronoun');
const VERB_BIT = bitOf('careVerb');
const FAR = PATIENT_BIT | AGE_BIT;
const NEAR = RECORD_BIT | PRONOUN_BIT;
const ANY = FAR | NEAR | VERB_BIT;

/** True where the words before a place make it a patient's. Patterns are tried only where a word of theirs is in reach. */
function isOwnedBefore(text: ScannedText, start: number): boolean {
  const { wordStarts, wordBits } = text.clues;
  let words = 0;
  for (let i = firstFrom(wordStarts, start) - 1; i >= 0; i--) {
    const distance = start - (wordStarts[i] ?? 0);
    if (distance > BEFORE) break;
    words |= (wordBits[i] ?? 0) & (distance > NEAR_REACH ? FAR : distance > VERB_REACH ? FAR | NEAR : ANY);
  }
  const digits = text.hasDigits(start - BEFORE, start);
  // A letter with marks ends a word for rules, and so does the place itself, and neither does for clues: where there are
  // any, numbers are reason enough to try all of them.
  if (digits && !(text.isAscii && isApart(text.text, start))) words |= ANY;
  const quoted = text.text.charCodeAt(start - 1) === QUOTE;
  if ((words & ANY) === 0 && !digits && !quoted) return false;
  const before = text.before(start, BEFORE);
  return (
    ((words & PATIENT_BIT) !== 0 && PATIENT.test(before)) ||
    ((digits || (words & AGE_BIT) !== 0) && (AGE.test(before) || (digits && AGE_AND_SEX.test(before)))) ||
    ((words & RECORD_BIT) !== 0 && RECORD.test(before)) ||
    ((words & PRONOUN_BIT) !== 0 && PRONOUN.test(before)) ||
    ((words & VERB_BIT) !== 0 && CARE.test(before)) ||
    (quoted && REFERENCE.test(before))
  );
}

/** No word goes on behind a place. */
function isApart(text: string, start: number): boolean {
  const code = text.charCodeAt(start - 1);
  return code === 0x20 || code === 0x0a || code === 0x3a || code === 0x28;
}

/** True where the words behind a place make it a patient's. */
function isOwnedAfter(text: ScannedText, end: number): boolean {
  const cues = cuesAfter(text.text, end);
  if (cues === 0) return false;
  const after = text.after(end, AFTER);
  for (let i = 0; i < CUE_AFTER.length; i++)
    if ((cues & (1 << i)) !== 0 && CUE_AFTER[i]?.[1].test(after) === true) return true;
  return false;
}

/** Which of `CUE_AFTER` are worth trying at a place, as bits. */
function cuesAfter(text: string, end: number): number {
  let at = end;
  while (at < end + 6 && isAround(text.charCodeAt(at))) at++;
  const from = at;
  let hash = 0;
  for (; at < from + LONGEST_FIRST; at++) {
    const small = text.charCodeAt(at) | 0x20;
    if (!(small >= 0x61 && small <= 0x7a)) break;
    hash = addToHash(hash, small);
  }
  if (at > from) return firstWords().bitsOf(hash);
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39 ? DIGIT_CUES : 0;
}

const LONGEST_FIRST = 14;
const DIGIT_CUES = CUE_AFTER.reduce((bits, [first], i) => (first.includes('#') ? bits | (1 << i) : bits), 0);

let firsts: WordTable | undefined;

function firstWords(): WordTable {
  firsts ??= wordTable(
    CUE_AFTER.flatMap(([first, _cue], i) => first.split(' ').map((word) => [word, 1 << i] as const)),
  );
  return firsts;
}

/** Blank, comma, bracket, semicolon, colon, bar, apostrophes, dash. */
function isAround(code: number): boolean {
  return (
    code === 0x20 ||
    code === 0x2c ||
    code === 0x28 ||
    code === 0x3b ||
    code === 0x3a ||
    code === 0x7c ||
    code === 0x27 ||
    code === 0x2019 ||
    code === 0x2d
  );
}

/** Before the keeper of an animal. */
const OWNER = /(?:\bowned by|(?:^|\n)owner:) $/;

/** "owned by " or "owner: ", by its end: far cheaper than to look for it before each name. */
function mayEndOwner(text: string, start: number): boolean {
  if (text.charCodeAt(start - 1) !== 0x20) return false;
  const code = text.charCodeAt(start - 2);
  return code === 0x3a || (code | 0x20) === 0x79;
}

/** True where the words next to a place say that it is about one patient. Never looks over an empty line. */
export function isOfPatient(text: ScannedText, start: number, end: number): boolean {
  if (mayEndOwner(text.text, start) && OWNER.test(text.before(start, 16))) return false;
  if (isOwnedBefore(text, start) || isOwnedAfter(text, end)) return true;
  if (!text.hasRows()) return false;
  return /\b(?:patient|dob|mrn|diagnosis|dx|birth|date of birth)\b/.test(text.labels(start));
}
