import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { isZip, isZipOf, STATE, STATE_NAME, stateOf } from '../us-states.js';

/**
 * First three digits of the areas with at most 20,000 people, whose ZIP codes may not be kept even so far.
 * Source: HHS, "Guidance regarding methods for de-identification of protected health information" (2012).
 */
export const RESTRICTED_AREAS: readonly string[] = [
  '036',
  '059',
  '063',
  '102',
  '203',
  '556',
  '692',
  '790',
  '821',
  '823',
  '830',
  '831',
  '878',
  '879',
  '884',
  '890',
  '893',
];
const RESTRICTED: ReadonlySet<string> = new Set(RESTRICTED_AREAS);

const LABEL = /\b(?:zip|zip ?\+ ?4|zips|zipcode|zip[ -]?code|postal[ -]?code|postcode)\b[^\n\d]{0,16}$/;
const STATE_BEFORE = new RegExp(`[,\\s](${STATE}|${STATE_NAME})\\.?,?[ \\n]{1,3}$`, 'i');
const ABBREVIATED = new RegExp(`^${STATE}$`);
const COLUMN = /\b(?:zip|postal|postcode)/;

/**
 * ZIP codes: five digits, or nine, behind a label or a state that they can belong to; and the three digits of a
 * restricted area behind a label. A place smaller than a state, so it counts for Safe Harbor, but it names nobody.
 * Source: 45 CFR 164.514(b)(2)(i)(B); HHS, guidance on de-identification (2012); USPS Publication 28.
 */
export const zipCode: Detector = {
  info: {
    name: 'zip-code',
    class: 'identifier',
    safeHarbor: 'B-geographic',
    description: 'US ZIP code, by its label or behind a state',
    source: '45 CFR 164.514(b)(2)(i)(B); HHS guidance on de-identification; USPS Publication 28',
  },
  identifies: 'contact',
  patterns: [
    ...near({ number: [5, 5] }, ['(?-u:\\b)[0-9]{5}(?:-[0-9]{4})?(?-u:\\b)']),
    ...near({ word: 'placeWord' }, [
      '(?i)(?-u:\\b)zip(?:[ -]?code)?[ -]?3?(?:[ ]?(?:area|prefix|begins with|is|[:=])){0,3}[ ]{0,2}[0-9]{3}(?:[x*]{2}|(?-u:\\b))',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (/^zip/i.test(hit.text)) {
        const area = /\d{3}(?=[x*]{0,2}$)/i.exec(hit.text)?.[0] ?? '';
        const start = hit.start + hit.text.lastIndexOf(area);
        return RESTRICTED.has(area) ? [{ start, end: hit.end, value: area, confidence: 'medium' }] : [];
      }
      if (/[\w.$#/-]$/.test(text.text.slice(Math.max(0, hit.start - 1), hit.start))) return [];
      const before = text.before(hit.start, 32);
      const labelled = LABEL.test(before) || COLUMN.test(text.labels(hit.start));
      const state = stateBefore(text.text.slice(Math.max(0, hit.start - 32), hit.start));
      if (!labelled && state === undefined) return [];
      const possible = state === undefined ? isZip(hit.text) : isZipOf(state, hit.text);
      const confidence = !possible
        ? 'low'
        : RESTRICTED.has(hit.text.slice(0, 3)) && labelled
          ? 'high'
          : 'medium';
      const ofPatient = isOwnedByPatient(text, hit.start, hit.end);
      return [{ start: hit.start, end: hit.end, value: hit.text, confidence, ofPatient }];
    }),
  mask: maskAll,
};

/** The state right before a place: an abbreviation in capitals, or a name. */
function stateBefore(before: string): string | undefined {
  const word = STATE_BEFORE.exec(before)?.[1];
  if (word === undefined || (word.length === 2 && !ABBREVIATED.test(word))) return undefined;
  return stateOf(word);
}
