import { passesDea } from '../check-digits.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';

const CONTEXT = /\b(?:dea|prescriber|registration|registrant|controlled substance)\b/;

/**
 * DEA registration numbers: a letter for the kind of registrant, a letter (or 9) for the name, seven digits of which
 * the last is a check digit. Source: DEA Diversion Control Division, "Practitioner's Manual"; 21 CFR 1301.
 */
export const usDea: Detector = {
  info: {
    name: 'us-dea',
    class: 'identifier',
    safeHarbor: 'K-certificate-licence',
    description: 'DEA registration number of a prescriber',
    source: "DEA Diversion Control Division: Practitioner's Manual; 21 CFR 1301",
  },
  identifies: 'professional',
  patterns: near({ digits: 7, before: 8, after: 48 }, [
    '(?i)(?-u:\\b)[ABCDEFGHJKLMPRSTUX][A-Z9][ -]?[0-9]{7}(?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const digits = hit.text.slice(2).replace(/\D/g, '');
      if (!passesDea(digits)) return [];
      const context = CONTEXT.test(text.before(hit.start, 40)) || CONTEXT.test(text.labels(hit.start));
      const value = hit.text.replace(/[ -]/g, '').toUpperCase();
      return [{ start: hit.start, end: hit.end, value, confidence: context ? 'high' : 'low' }];
    }),
  mask: maskIdentifier,
};
