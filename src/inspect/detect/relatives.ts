import { asciiShadow } from './ascii-shadow.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isNoName, unlistedName } from './unlisted-name.js';

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
    yield unlistedName(scanned, start, end, value, 'low');
  }
}

const BLANK = 0x20;

/** A word in small letters goes before, with a comma or not. */
function isAfterWord(text: string, start: number): boolean {
  const comma = text.charCodeAt(start - 2) === 0x2c;
  const code = text.charCodeAt(comma ? start - 3 : start - 2);
  return (code >= 0x61 && code <= 0x7a) || code >= 0xdf;
}
