import { asciiShadow } from './ascii-shadow.js';
import { capitalisedRuns } from './capitalised-runs.js';
import { FAMILY, GIVEN, NOT, nameKind } from './name-cues.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isNoName, unlistedName } from './unlisted-name.js';

/** "Xanthe Quillfeather", "Wybren van der Zwaagstra", "Ottokar J. Fenwick-Zell". */
const WORD = "\\p{Lu}(?:['’]\\p{Lu})?\\p{Ll}{1,24}(?:['’-]?\\p{Lu}\\p{Ll}{1,24}){0,2}";
const PARTICLES =
  '(?:(?:de|da|do|del|della|di|la|le|van|von|der|den|bin|bint|al|el|ter|ten|dos|das|zu|af|y|ibn|\\p{Lu}\\.) ){0,3}';
const RUN = new RegExp(
  `(?<![\\p{L}\\p{N}@_.’'-])${WORD}(?: ${PARTICLES}${WORD}){1,3}(?![\\p{L}\\p{N}@_-])`,
  'gu',
);
const runs = capitalisedRuns(RUN);
/** Places and virtues after which people are named, where a family name stands behind. */
const ALSO_GIVEN = new Set(
  (
    'mercy florida nevada dallas georgia carolina dakota montana paris london asia india china kenya jordan israel ' +
    'austin houston denver boston memphis phoenix cuba africa america persia tennessee missouri arizona ' +
    'bee young royal early major prince king duke baron temple church trinity providence amity unity liberty'
  ).split(' '),
);
/** "The Florida Keys". */
const IN_PLACE = /\b(?:the|in|near|via) $/;
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
    const alsoGiven = isFamily && ALSO_GIVEN.has(words[0] ?? '') && !IN_PLACE.test(scanned.before(start, 6));
    if (words.some((word, i) => isNoName(word) && !(i === 0 && alsoGiven))) continue;
    if (QUANTITY.test(value) || isTaken(start, end)) continue;
    // "… of Fragile X. People with …" is the end of a sentence.
    if (!isFamily && value.includes('.')) continue;
    yield unlistedName(scanned, start, end, value, isFamily ? 'medium' : 'low');
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
    yield unlistedName(scanned, index, index + whole.length, asciiShadow(whole).toLowerCase(), 'medium');
  }
}
