import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { afterLabel, digitsOf, labelledNumber, plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import { passesMrz } from '../weighted-checks.js';

/** US books and cards: nine digits, or a letter and eight; other countries' have six to nine characters. */
const US = /^(?:\d{9}|[A-Z]\d{8})$/;
const ANY =
  /^(?:[A-Z]{1,3}\d{6,8}|\d{8,9}|[A-Z]\d{2}[A-Z]{2}\d{4}|[CFGHJK][CFGHJKLMNPRTVWXYZ0-9]{8}|\d{2}[A-Z]{2}\d{5})$/;

/**
 * Passport numbers, known by their label, and the second line of a passport's machine readable zone by its check
 * digits. Source: US Department of State, 8 FAM (passport numbers); ICAO Doc 9303, parts 3 and 4.
 */
export const passport: Detector = {
  info: {
    name: 'passport',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Passport number, known by its label, or a machine readable zone',
    source: 'US Department of State: 8 FAM; ICAO Doc 9303-4',
  },
  identifies: 'person',
  patterns: [
    ...near({ word: 'governmentLabel' }, [
      afterLabel('passports?(?: ?(?:book|card))?(?: ?(?:numbers?|num|no\\.?|nr\\.?|id|#|is))?'),
    ]),
    ...near({ literal: 'P<' }, [
      'P<[A-Z<]{42}[ \\t]{0,4}[\\n]?[ \\t]{0,4}[A-Z0-9<]{9}[0-9][A-Z<]{3}[0-9]{7}[MFX<][0-9]{7}[A-Z0-9<]{14}[0-9<][0-9]',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text.startsWith('P<')) {
        const line = hit.text.slice(-44);
        const dates =
          passesMrz(line.slice(13, 19), line.charAt(19)) && passesMrz(line.slice(21, 27), line.charAt(27));
        if (!dates || !passesMrz(line.slice(0, 9), line.charAt(9))) return [];
        const value = line.slice(0, 9).replace(/<+$/, '');
        return [{ start: hit.start, end: hit.end, value, confidence: 'high' }];
      }
      const found = labelledNumber(hit, text, isPassport);
      if (found === undefined) return [];
      const value = plainNumber(found.number);
      const named = /number|num|no\b|nr\b|#|:|\bid\b/.test(found.label);
      const american =
        US.test(value) && /\b(?:us|u\.s\.|usa|american|states) $/.test(text.before(hit.start, 16));
      const confidence = named || american ? 'high' : 'medium';
      return [{ start: found.start, end: found.end, value, confidence }];
    }),
  mask: maskIdentifier,
};

function isPassport(number: string): boolean {
  const value = plainNumber(number);
  return digitsOf(number) >= 5 && (ANY.test(value) || US.test(value));
}
