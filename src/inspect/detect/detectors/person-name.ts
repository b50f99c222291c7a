import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskName } from '../masks.js';
import { initialLast, lastFirst } from '../name-order.js';
import { firstLast } from '../name-run.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { isStructuredName, STRUCTURED_NAME_PATTERNS, structuredNames } from '../structured-name.js';

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
    ...STRUCTURED_NAME_PATTERNS,
  ],
  judge: (hits, text) => hits.flatMap((hit) => judge(hit, text)),
  mask: maskName,
};

function judge(hit: Hit, text: ScannedText): readonly Sighting[] {
  if (isStructuredName(hit)) return structuredNames(text.text, hit);
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
