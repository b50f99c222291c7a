import { asciiShadow } from './ascii-shadow.js';
import { personName } from './detectors/person-name.js';
import { FAMILY, FIELD, INSTITUTION, NOT, nameKind } from './name-cues.js';
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
/** The same at one place. */
const RUN_HERE = new RegExp(RUN.source, 'uy');
/** Endings of words of a heading, or of an institution's name, that no list of names has. */
const ORDINARY_ENDING =
  /(?:[st]ions?|ments?|ings?|ity|ness|[ae]nces?|ical|ology|logi(?:cal|es)|graphy|metry|scopy|ists?|ous|ship|[ai]ble|ful|less|ably|ally|ary|ories|ory|tives?|ism|itis|osis|emia|oma|ectomy|therapy|ware|work|ogy|ics|ated|ized|ants|ents|eria|idae|ella|plasma)$/;
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
  for (const { start, end } of runs(scanned)) {
    const value = asciiShadow(scanned.text.slice(start, end)).toLowerCase();
    const words = value.split(' ');
    const isFamily = (nameKind(words.at(-1) ?? '') & FAMILY) !== 0;
    if (words.some(isNoName) || QUANTITY.test(value) || isTaken(start, end)) continue;
    // "… of Fragile X. People with …" is the end of a sentence.
    if (!isFamily && value.includes('.')) continue;
    yield {
      detector: personName,
      start,
      end,
      value,
      confidence: isFamily ? 'medium' : 'low',
      masked: undefined,
      ofPatient: isOfPatient(scanned, start, end),
      showsHealth: undefined,
      ofProfessional: undefined,
      rareForm: undefined,
    };
  }
}

function* runs({
  text,
  clues,
  isAscii,
}: ScannedText): Generator<{ readonly start: number; readonly end: number }> {
  if (!isAscii) {
    for (const { index, 0: run } of text.matchAll(RUN)) yield { start: index, end: index + run.length };
    return;
  }
  // Letters of all scripts take long to look for; most texts have only those of ASCII.
  const { bytes } = clues;
  for (let at = 0; at < bytes.length; ) {
    RUN_HERE.lastIndex = at;
    if (mayBegin(bytes, at) && RUN_HERE.test(text)) {
      const end = RUN_HERE.lastIndex;
      yield { start: at, end };
      at = end;
    } else at++;
  }
}

/** A capital letter, and a small one or an apostrophe behind it. */
function mayBegin(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at] ?? 0;
  if (code < 0x41 || code > 0x5a) return false;
  const next = bytes[at + 1] ?? 0;
  return (next >= 0x61 && next <= 0x7a) || next === 0x27;
}

function isNoName(word: string): boolean {
  const kind = nameKind(word);
  if ((kind & (NOT | INSTITUTION | FIELD)) !== 0) return (kind & FAMILY) === 0;
  return kind === 0 && ORDINARY_ENDING.test(word);
}
