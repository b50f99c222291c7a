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
  /(?:[st]ions?|ments?|ings?|ity|ness|[ae]nces?|ical|ology|logi(?:cal|es)|graphy|metry|scopy|ists?|ous|ship|[ai]ble|ful|less|ably|ally|ary|ories|ory|tives?|ism|itis|osis|emia|oma|ectomy|therapy|ware|work|ogy|ics|ated|ized|ants|ents|eria|idae|ella|plasma)$/;
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
