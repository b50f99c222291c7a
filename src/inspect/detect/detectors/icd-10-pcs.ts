import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { codesAfter, codesIn } from '../labelled-codes.js';
import { maskAll } from '../masks.js';

const CODE = '[0-9bcdfghx][0-9a-hj-np-z]{6}';
const FORM = /\b[\dBCDFGHX][\dA-HJ-NP-Z]{6}\b/gi;
const CONTEXT = /\b(?:pcs|procedures?|surg(?:ery|ical)|operation|operative|icd[ -]?10)\b/;

/**
 * ICD-10-PCS procedure codes: seven characters, digits and letters without I and O, the first one of seventeen sections;
 * of the largest section, 0, the fifth is one of the seven approaches. They count behind their name, those of section 0
 * also near words of procedures. Source: CMS, ICD-10-PCS Official Guidelines for Coding and Reporting, and Tables.
 */
export const icd10Pcs: Detector = {
  info: {
    name: 'icd-10-pcs',
    class: 'health',
    description: 'ICD-10-PCS procedure code',
    source: 'CMS: ICD-10-PCS Official Guidelines and Tables',
  },
  patterns: [
    ...near({ word: 'codeLabel' }, [codesAfter('(?:icd[- ]?10[- ]?)?pcs|icd[- ]?10|procedures?', CODE)]),
    ...near({ number: [1, 7] }, [
      '(?-u:\\b)0[0-9BCDFGHJ-NP-Y][0-9B-HJ-NP-Y][0-9A-HJ-NP-Z][03478FX][0-9A-HJ-NP-Z]{2}(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text.length === 7) {
        // Without a letter it is any number; a label above says better.
        const context = CONTEXT.test(text.before(hit.start, 56)) || CONTEXT.test(text.labels(hit.start));
        if (
          !context ||
          !/[A-Z]/.test(hit.text) ||
          /[\w.-]$/.test(text.text.slice(Math.max(0, hit.start - 1), hit.start))
        ) {
          return [];
        }
        return [{ start: hit.start, end: hit.end, value: hit.text, confidence: 'medium' }];
      }
      const named = /^(?:icd[- ]?10[- ]?)?pcs/i.test(hit.text);
      return codesIn(hit, FORM)
        .filter(({ code }) => isPcs(code) && (named || (/\d/.test(code) && /[A-Z]/.test(code))))
        .map(({ start, end, code }) => ({ start, end, value: code, confidence: named ? 'high' : 'medium' }));
    }),
  mask: maskAll,
};

function isPcs(code: string): boolean {
  return /\d/.test(code) && (code[0] !== '0' || /^0[^AEIOZ].{2}[03478FX]/.test(code));
}
