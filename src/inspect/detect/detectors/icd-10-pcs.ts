import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { codedBefore, codesAfter, codesIn } from '../labelled-codes.js';
import { maskAll } from '../masks.js';

const CODE = '[0-9bcdfghx][0-9a-hj-np-z]{6}';
const FORM = /\b[\dBCDFGHX][\dA-HJ-NP-Z]{6}\b/gi;

/**
 * ICD-10-PCS procedure codes: seven characters, digits and letters without I and O, the first one of seventeen sections;
 * of the largest section, 0, the fifth is one of the seven approaches. They count behind their name or that of procedures, and
 * as coded elements of HL7. Source: CMS, ICD-10-PCS Official Guidelines for Coding and Reporting, and Tables.
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
    ...near({ rows: true }, ['(?-u:\\b)[0-9BCDFGHX][0-9A-HJ-NP-Z]{6}(?-u:\\b)']),
    // In HL7 the code and its name stand before the clue.
    ...near({ literal: '^I10P' }, ['\\^I10P(?-u:\\b)']),
    ...near({ literal: '^ICD10' }, ['\\^ICD10PCS(?-u:\\b)']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const inRow = hit.text.length === 7;
      if (inRow && !/\b(?:pcs|procedure)/.test(text.labels(hit.start))) return [];
      const coded = hit.text.startsWith('^');
      const sure = coded || /^(?:icd[- ]?10[- ]?)?pcs/i.test(hit.text);
      return (coded ? codedBefore(hit, text.text) : codesIn(hit, FORM))
        .filter(({ code }) => isPcs(code) && (sure || /[A-Z]/.test(code)))
        .map(({ start, end, code }) => ({ start, end, value: code, confidence: sure ? 'high' : 'medium' }));
    }),
  mask: maskAll,
};

function isPcs(code: string): boolean {
  return /\d/.test(code) && (code[0] !== '0' || /^0[^AEIOZ].{2}[03478FX]/.test(code));
}
