import type { ScannedText } from './scanned-text.js';

/** How far words reach that say whose a name, phone number or date is. */
const BEFORE = 72;
const AFTER = 56;

/**
 * Words before a value that make it a patient's: who it is about (`patient`, `58-year-old man`), or which record it
 * heads (`referral for`, `chart of`). Plurals are left out on purpose: "patients" are nobody in particular. Each reads
 * a window of fixed size, and ends at the value.
 */
const CUE_BEFORE: readonly RegExp[] = [
  /\b(?:patient|pt|pts|patient's|paciente|patientin|patiente|paziente|patiënt|mother of|father of|parent of|daughter of|son of|wife of|husband of|spouse of)\b(?: name)?[^.;\n]{0,48}$/,
  /\b(?:year|yr|month|week|day|y)s?[- ]?(?:old|o)\b[^.;\n]{0,56}$/,
  /\b\d{1,3} ?(?:yo|y\/o|y\.o\.|f|m|yof|yom)\b[^.;\n]{0,56}$/,
  /\b(?:referral|referred|referring|chart|records?|file|results?|labs?|appointment|authori[sz]ation|auth|prescription|rx|refill|visit|report|scan|biopsy|x-?ray|mri|ct|claim|case(?: review)?|summary|admission|evaluation|consult(?:ation)?|note|letter|treatment|surgery|therapy|medications?|discharge|care)\b(?: plan| records?)? ?(?:for|of|on|re|to see|regarding|:)? ?(?:mr|mrs|ms|miss)?\.? ?$/,
  /\b(?:he|she|her|his|him|baby|child|infant|resident|beneficiary|insured|subscriber|decedent)\b[^.;\n]{0,32}$/,
  /\b(?:admitted|admitting|treated|treating|saw|examined|diagnosed|discharged|discharging|operated on|intubated|named|similar to|like)\b ?(?:mr|mrs|ms|miss)?\.? ?$/,
  // A reference of FHIR (R4, Reference.display) in a resource about one patient.
  /"(?:subject|patient|beneficiary)"\s{0,8}:\s{0,8}\{[^{}]{0,40}"display"\s{0,8}:\s{0,8}"$/,
];

/** What people at work have done or have, which says nothing of their health. */
const DOINGS =
  '(?:(?:also|already|just|now|recently|not|never|since|kindly|the|our|your|any|some|more|no|new|a few|an?) ){0,2}(?:(?!(?:developed|experienced|suffered|received|tested|complained|presented|relapsed|needed|required|advanced|untreated|undiagnosed|reduced|elevated|enlarged|decreased|increased|infected|blocked|impaired|failed|worsened|uncontrolled|controlled|compromised|displaced|metastasized|elected|refused|declined|stopped|started|used|bed|red)\\b)[a-z]{2,16}ed|sent|written|made|given|spoken|put|set|built|led|won|got|begun|brought|bought|drawn|done|found|left|met|paid|read|said|seen|shown|sold|taught|told|questions?|information|access|comments?|news|ideas?|feedback|meetings?|copies|copy|data|numbers|plans?|offers?)\\b';

const CUE_AFTER: readonly RegExp[] = [
  /^['’]s (?:chart|case|record|results?|labs?|condition|diagnosis|treatment|medications?|surgery|appointment|blood|biopsy|scan|mri|ct|symptoms|prescription|medical|test|visit|care|health|history|dose|insurance|h)\b/,
  /^[ ,(-]{0,3}(?:an? )?\d{1,3}[ -]?(?:years?|yrs?|yo|y\/o|y\.o|months?)\b/,
  /^[ ,(]{1,3}(?:(?:(?:fe)?male|[fm])[ ,/]{1,3}\d{1,3}\b|\d{1,3}[ ,/]{0,2}(?:(?:fe)?male|[fm])\b)/,
  /^[ ,(;:|-]{0,4}(?:dob|d\.o\.b|date of birth|born|birth|mrn|age|aged|ssn|medical record)\b/,
  /^[ ,(]{0,3}(?:who )?(?:is |was |were |has been |had been |is being )?(?:admitted|seen|treated|diagnosed|evaluated|discharged|(?:presented|presents|presenting)(?! (?:an?|the|our|results|findings|data|posters?)\b)|visited|visiting|underwent|hospitali[sz]ed|suffers|suffering|complains|complained|tested positive|transferred|referred|receiving|received|recovering)\b(?! (?:the|your|our|this|that|those|my|an? (?:grant|award|order|invoice|letter|e-?mail|shipment|prize|request|call))\b)/,
  /^[ ,(]{0,3}(?:who )?(?:(?:takes|taking)(?! (?:over|part|place|care|notes|calls|questions|orders|on)\b)|post|status post) /,
  new RegExp(`^[ ,(]{0,3}(?:who )?(?:has|had) (?!${DOINGS})`),
  /^[ ,(]{0,3}(?:who )?with (?!(?:the|our|us|you|me|your|this|that|any|all|american|national|questions?|information|details)\b)/,
  /^[ ,(]{0,3}(?:who )?on (?!(?:the|our|your|this|that|behalf|board|duty|call|leave|vacation|how|why|what|when|where|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b)/,
];

/** The words that one of `CUE_BEFORE` needs: without any of them in reach none of them matches. */
export const WORDS_BEFORE: readonly string[] = (
  'patient patients pt pts paciente patientin patiente paziente mother father parent daughter son wife husband spouse ' +
  'year years yr yrs month months week weeks day days y yo o referral referred referring chart record records file ' +
  'result results lab labs appointment authorization authorisation auth prescription rx refill visit report scan biopsy ' +
  'x xray ray mri ct claim case summary admission evaluation consult consultation note letter treatment surgery therapy ' +
  'medication medications discharge care he she her his him baby child infant resident beneficiary insured subscriber ' +
  'decedent admitted admitting treated treating saw examined diagnosed discharged discharging operated intubated named ' +
  'similar like subject'
).split(' ');

/** The first words of what one of `CUE_AFTER` matches. */
const WORDS_AFTER = new Set(
  (
    's a an male female f m dob d date born birth mrn age aged ssn medical who is was were has had admitted seen treated ' +
    'diagnosed evaluated discharged presented presents presenting visited visiting underwent hospitalized hospitalised ' +
    'suffers suffering complains complained tested transferred referred receiving received recovering takes taking post ' +
    'status with on'
  ).split(' '),
);

/** Whether `CUE_AFTER` is worth trying on a window. */
function mayFollow(after: string): boolean {
  let at = 0;
  while (at < 6 && AROUND.includes(after.charAt(at))) at++;
  let end = at;
  while (end < after.length && end - at < 14 && isSmall(after.charCodeAt(end))) end++;
  return end === at ? isDigit(after.charCodeAt(at)) : WORDS_AFTER.has(after.slice(at, end));
}

const AROUND = " ,(;:|'’-";

function isSmall(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** True where the words next to a place say that it is about one patient. Never looks over an empty line. */
export function isOfPatient(text: ScannedText, start: number, end: number): boolean {
  if (text.hasWord('patientCue', start - BEFORE, start) || text.hasDigits(start - BEFORE, start)) {
    const before = text.before(start, BEFORE);
    if (CUE_BEFORE.some((cue) => cue.test(before))) return true;
  }
  const after = text.after(end, AFTER);
  if (mayFollow(after) && CUE_AFTER.some((cue) => cue.test(after))) return true;
  if (!text.hasRows()) return false;
  return /\b(?:patient|dob|mrn|diagnosis|dx|birth|date of birth)\b/.test(text.labels(start));
}
