import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskName } from '../masks.js';
import { initialLast, lastFirst, lastInitial, titledInSmall } from '../name-order.js';
import { firstLast } from '../name-run.js';
import { commaNames, nameRuns } from '../name-runs.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { isStructuredName, STRUCTURED_NAME_PATTERNS, structuredNames } from '../structured-name.js';
import { nameWindows } from '../windows.js';

// Patterns see letters without their marks.
const UPPER = '[A-Z]';
const LOWER = '[a-z]';
/** R. Roe, R. O'Roe, R. McRoe. */
const INITIAL_LAST = `(?-u:\\b)${UPPER}\\. ?${UPPER}(?:\\x27${UPPER})?${LOWER}{1,20}(?:-?${UPPER}${LOWER}{1,20})?`;

/** Roe, J */
const LAST_INITIAL = `(?-u:\\b)${UPPER}(?:${LOWER}{2,20}|${UPPER}{2,20}), ?${UPPER}(?-u:\\b)`;
/** mr roe */
const TITLED_IN_SMALL = `(?-u:\\b)[Mm](?:rs?|s)\\.? ${LOWER}{3,20}(?-u:\\b)`;

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
    ...near({ word: 'namePart' }, [INITIAL_LAST]),
    ...near({ word: 'name' }, [LAST_INITIAL]),
    ...near({ word: 'nameCue' }, [TITLED_IN_SMALL]),
    ...STRUCTURED_NAME_PATTERNS,
  ],
  unasked: true,
  judge: (hits, text) => {
    const found: Sighting[] = [];
    const add = (name: Sighting) => {
      found.push(name);
    };
    const addAll = (names: readonly Sighting[]) => {
      for (const name of names) found.push(name);
    };
    for (const hit of hits) if (isStructuredName(hit)) addAll(structuredNames(text.text, hit));
    const windows = nameWindows(text.clues, text.rows());
    nameRuns(text.clues, windows, (start, end) => {
      if (!isWithinWord(text.text, start)) firstLast(text, start, end, add);
    });
    commaNames(text.clues, windows, (start, end) => {
      if (!isWithinWord(text.text, start)) addAll(lastFirst(hitOf(text.text, start, end), text));
    });
    for (const hit of hits)
      if (!isStructuredName(hit) && !isWithinWord(text.text, hit.start)) addAll(inOtherOrder(hit, text));
    return found;
  },
  mask: maskName,
};

function inOtherOrder(hit: Hit, text: ScannedText): readonly Sighting[] {
  if (hit.text.includes(',')) return lastInitial(hit, text);
  return /^[Mm][rs]/.test(hit.text) ? titledInSmall(hit, text) : initialLast(hit, text);
}

function hitOf(text: string, start: number, end: number): Hit {
  return { start, end, text: text.slice(start, end) };
}

/** A letter, digit, underline or at sign goes before. */
function isWithinWord(text: string, start: number): boolean {
  return start > 0 && isPartOfWord(text, start - 1);
}

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
