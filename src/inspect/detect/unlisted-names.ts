import { asciiShadow } from './ascii-shadow.js';
import { capitalisedRuns } from './capitalised-runs.js';
import { personName } from './detectors/person-name.js';
import { FAMILY, FIELD, GIVEN, INSTITUTION, NOT, nameKind } from './name-cues.js';
import { isOfPatient } from './patient-cue.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** "Xanthe Quillfeather", "Wybren van der Zwaagstra", "Ottokar J. Fenwick-Zell". */
const WORD = "\\p{Lu}(?:['’]\\p{Lu})?\\p{Ll}{1,24}(?:['’-]?\\p{Lu}\\p{Ll}{1,24}){0,2}";
const PARTICLES =
  '(?:(?:de|da|do|del|della|di|la|le|van|von|der|den|bin|bint|al|el|ter|ten|dos|das|zu|af|y|ibn|\\p{Lu}\\.) ){0,3}';
const RUN = new RegExp(
  `(?<![\\p{L}\\p{N}@_.’'-])${WORD}(?: ${PARTICLES}${WORD}){1,3}(?![\\p{L}\\p{N}@_-])`,
  'gu',
);
const runs = capitalisedRuns(RUN);
/** Endings of words of a heading, or of an institution's name, that no list of names has. */
const ORDINARY_ENDING =
  /(?:[st]ions?|ments?|ings?|ity|(?<!gui|hark|mag)ness|[ae]nces?|ical|ology|logi(?:cal|es)|graphy|metry|scopy|(?<!qu)ists?|ous|ship|[ai]ble|ful|less|ably|ally|ary|ories|[gst]ory|memory|theory|tives?|ism|itis|osis|emia|(?:[cdlmnrt]|ph|gi)oma|ectomy|therapy|ware|work|ogy|ics|ated|ized|ants|ents|eria|idae|plasma|(?:salmon|legion|bruc|rub|varic|klebsi|prevot|umbr|citron|pat|shig|bordet|pasteur|morax|king|francis|veillon|barton|cox[ie]|chlor|nov)ella)$/;
/** A sentence, a line or an entry begins. */
const BEGINS = /(?:^|\n|[.!?:] |[-*•] )$/;
/** "Many Americans". */
const QUANTITY =
  /^(?:many|some|most|all|few|other|several|these|those|more|older|young|native|only|both|each|every|our|your) /;

/**
 * Names of two words or more of which no list has the given name, so that detectors don't see them: people come from
 * everywhere. Any two capitalised words look like that, so these count only where a text makes the case that they are
 * somebody under care (`cases.ts`).
 *
 * @param isTaken a health word or a known name is there
 */
export function* unlistedNames(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  for (const match of runs(scanned)) {
    const all = asciiShadow(match[0]).toLowerCase().split(' ');
    // "Per Hattie Lou": a word that no name has begins many a sentence.
    const first =
      all.length > 2 && isNoName(all[0] ?? '') && BEGINS.test(scanned.before(match.index, 4)) ? 1 : 0;
    const words = all.slice(first);
    const value = words.join(' ');
    const start = match.index + (first === 0 ? 0 : match[0].indexOf(' ') + 1);
    const end = match.index + match[0].length;
    const isFamily = (nameKind(words.at(-1) ?? '') & FAMILY) !== 0;
    if (words.some(isNoName) || QUANTITY.test(value) || isTaken(start, end)) continue;
    // "… of Fragile X. People with …" is the end of a sentence.
    if (!isFamily && value.includes('.')) continue;
    yield found(scanned, start, end, value, isFamily ? 'medium' : 'low');
  }
}

/** "VAN HOUTEN Marijke" */
const FILED =
  /(?<![\p{L}\p{N}@_.’'-])(\p{Lu}{3,20}(?:[ '’-]\p{Lu}{2,20}){0,2}) (\p{Lu}\p{Ll}{2,20})(?![\p{L}\p{N}@_-])/gu;

/** Names as files have them: the family name in capitals, whether a list has it or not, and a given name that one has. */
export function* filedNames(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  for (const { index, 0: whole, 1: family = '', 2: given = '' } of scanned.text.matchAll(FILED)) {
    const words = asciiShadow(family)
      .toLowerCase()
      .split(/[ '’-]/);
    const kind = nameKind(asciiShadow(given).toLowerCase());
    if ((kind & GIVEN) === 0 || (kind & NOT) !== 0 || words.some(isNoName)) continue;
    if (isTaken(index, index + family.length)) continue;
    yield found(scanned, index, index + whole.length, asciiShadow(whole).toLowerCase(), 'medium');
  }
}

const OWN =
  '[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Mm]on|[Mm]a|[Nn]otre|[Mm]eine?r?|[Uu]nsere?|[Mm]i|[Nn]uestr[oa]|[Mm]eu|[Mm]inha|[Mm]ijn';
const KIN =
  'son|daughter|wife|husband|mother|mum|mom|father|dad|brother|sister|gran|grandma|grandpa|grandson|granddaughter|nan|aunt|uncle|niece|nephew|partner|boy|girl|baby|toddler|fils|fille|mère|père|mari|femme|frère|sœur|soeur|bébé|Tochter|Sohn|Mutter|Vater|Mann|Frau|Bruder|Schwester|Kind|Oma|Opa|hij[oa]|madre|padre|marido|mujer|espos[oa]|herman[oa]|abuel[oa]|filh[oa]|mãe|pai|moeder|vader|zoon|dochter';
/** "my son Théophile", "ma mère Honorine". */
const OF_FAMILY = new RegExp(`(?<!\\p{L})(?:${OWN}) (?:\\p{Ll}+ )?(?:${KIN}),? $`, 'u');
const ONE_WORD = /\p{Lu}\p{Ll}{2,20}(?![\p{L}\p{N}])/uy;
const KIN_REACH = 32;

/** One word that no list has, where it is somebody of the writer's family. */
export function* relatives(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { text, clues } = scanned;
  for (const start of clues.capitalStarts) {
    if (text.charCodeAt(start - 1) !== BLANK || !isAfterWord(text, start)) continue;
    if (!OF_FAMILY.test(text.slice(Math.max(0, start - KIN_REACH), start))) continue;
    ONE_WORD.lastIndex = start;
    const [word] = ONE_WORD.exec(text) ?? [];
    if (word === undefined) continue;
    const end = start + word.length;
    const value = asciiShadow(word).toLowerCase();
    if (isNoName(value) || isTaken(start, end)) continue;
    yield found(scanned, start, end, value, 'low');
  }
}

/** Whoever is greeted by one name, at the beginning of a line. */
const GREETED =
  /(?:^|\n)[ \t>]{0,4}(?:[Dd]ear|[Hh]i|[Hh]ello|[Hh]ey|[Gg]ood (?:[Mm]orning|[Aa]fternoon|[Ee]vening)),? (\p{Lu}\p{Ll}{2,20}(?:-\p{Lu}\p{Ll}{1,20})?)[,!:]\s/gu;
/** Words in the place of a name, beside those that no name has (`NOT`). */
const ANYBODY = new Set(
  (
    'everybody folks colleague colleagues doctors friend friends customers members parent parents guardian guardians clients ' +
    'subscriber subscribers neighbor neighbors neighbour neighbours staff nurses resident residents volunteer volunteers sir madam ' +
    'valued applicant applicants candidate candidates student students faculty providers partner partners reader readers user users ' +
    'employee employees both guys ladies gentlemen crew billing scheduling admissions editor editors reviewer reviewers author ' +
    'authors donor donors attendee attendees participant participants families mom dad mum grandma grandpa chief coach matron ' +
    'sister brother reverend pastor father again world hiring receptionist boss counsel recruiter supporter supporters shopper ' +
    'traveler traveller buddy dude homeowner taxpayer voter investor vendor vendors supplier suppliers ' +
    'alumni alumnus cardholder cardholders enrollee enrollees exhibitor exhibitors delegate delegates employer employers guest ' +
    'guests helpdesk household households intern interns trainee trainees registrar registrars owner owners stakeholder ' +
    'stakeholders tenant tenants veteran veterans webmaster champion champions insider insiders runner runners ' +
    'survivor survivors sunshine beautiful gorgeous siri alexa google'
  ).split(' '),
);

/** One word that no list has, where it is greeted: a letter to a patient may name nobody but the reader. */
export function* greeted(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  for (const { index, 0: whole, 1: word = '' } of scanned.text.matchAll(GREETED)) {
    const value = asciiShadow(word).toLowerCase();
    const start = index + whole.lastIndexOf(word);
    const end = start + word.length;
    if (isNoName(value) || ANYBODY.has(value) || isTaken(start, end)) continue;
    yield found(scanned, start, end, value, 'low');
  }
}

/** "Quillfeather, Xanthe | June 5, 1957 | E3820…": a row about somebody, as records are listed, whatever the names are. */
const ROW =
  /(?:^|\n)[ \t>|]{0,4}(\p{Lu}[\p{L}'’-]{1,24}, \p{Lu}[\p{L}'’-]{1,24}(?: \p{Lu}\.?)?) ?([|;\t]) ?(?:\d{1,4}[-./]\d{1,2}[-./]\d{1,4}|\p{L}{3,9}\.? \d{1,2}, \d{4}|\d{1,2} \p{L}{3,9} \d{4}) ?\2 ?[A-Z]{0,3}\d{5,12} ?\2/gu;

/** First column of lists of things, places and events. */
const OF_THINGS =
  /^[ \t>|]{0,4}(?:items?|products?|sku|articles?|supply|supplies|description|stock|vendor|supplier|manufacturer|events?|venue|city|location|course)\b/i;
/** Longer lines are no header. */
const LONGEST_HEADER = 600;

export function* listedInRows(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  const { text } = scanned;
  if (!text.includes('|') && !text.includes(';') && !text.includes('\t')) return;
  let lastEnd = -1;
  let isOfThings = false;
  for (const { index, 0: whole, 1: name = '', 2: delimiter = '' } of text.matchAll(ROW)) {
    // Rows right below each other have one header.
    if (index !== lastEnd) isOfThings = isHeaderOfThings(scanned.before(index, LONGEST_HEADER), delimiter);
    lastEnd = text.indexOf('\n', index + whole.length);
    if (isOfThings) continue;
    const words = asciiShadow(name).toLowerCase().split(/,? /);
    const start = index + whole.indexOf(name);
    const end = start + name.length;
    if (words.some(isNoName) || isTaken(start, end)) continue;
    yield { ...found(scanned, start, end, words.join(' '), 'medium'), ofPatient: true };
  }
}

/** Whether the last line says that the rows below it are about things. */
function isHeaderOfThings(before: string, delimiter: string): boolean {
  const line = before.slice(before.lastIndexOf('\n') + 1);
  return line.includes(delimiter) && OF_THINGS.test(line);
}

const BLANK = 0x20;

/** A word in small letters goes before, with a comma or not. */
function isAfterWord(text: string, start: number): boolean {
  const comma = text.charCodeAt(start - 2) === 0x2c;
  const code = text.charCodeAt(comma ? start - 3 : start - 2);
  return (code >= 0x61 && code <= 0x7a) || code >= 0xdf;
}

function isNoName(word: string): boolean {
  const kind = nameKind(word);
  if ((kind & (NOT | INSTITUTION | FIELD)) !== 0) return (kind & FAMILY) === 0;
  return kind === 0 && ORDINARY_ENDING.test(word);
}

function found(
  scanned: ScannedText,
  start: number,
  end: number,
  value: string,
  confidence: 'low' | 'medium',
): Span {
  return {
    detector: personName,
    start,
    end,
    value,
    confidence,
    masked: undefined,
    ofPatient: isOfPatient(scanned, start, end),
    showsHealth: undefined,
    ofProfessional: undefined,
    rareForm: undefined,
  };
}
