import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { codeAhead, codesIn } from '../labelled-codes.js';
import { maskAll } from '../masks.js';
import { isSctid } from '../national-numbers.js';

const AHEAD = /(?<![\w.-])[1-9]\d{5,17}$/;
const FORM = /(?<![\d.-])[1-9]\d{5,17}(?![\d.-]\d|\d)/g;

/**
 * SNOMED CT identifiers: 6 to 18 digits, of which two say what is identified, and the last is Verhoeff's check digit.
 * They count behind their name, or with the term between bars. Source: SNOMED International, Release File
 * Specifications (SCTID), Compositional Grammar; HL7 v2 table 0396 (SCT).
 */
export const snomedCt: Detector = {
  info: {
    name: 'snomed-ct',
    class: 'health',
    description: 'SNOMED CT identifier of a finding, disorder, procedure or substance',
    source: 'SNOMED International: Release File Specifications (SCTID), Compositional Grammar',
  },
  patterns: [
    ...near({ word: 'codeLabel' }, [
      '(?i)(?-u:\\b)(?:snomed(?:[ -]?ct)?|sctid|sct)(?-u:\\b)[^0-9]{0,40}[1-9][0-9]{5,17}(?-u:\\b)(?:[ \\t]{0,2}(?:[,;/&]|and|or)?[ \\t]{0,2}[1-9][0-9]{5,17}(?-u:\\b)){0,9}',
    ]),
    ...near({ word: 'codeLabel' }, ['(?i)(?-u:\\b)(?:snomed|sctid)(?-u:\\b)']),
    ...near({ number: [6, 18] }, [
      '(?-u:\\b)[1-9][0-9]{5,17}(?: ?\\| ?[A-Za-z][^|\\n]{2,100}\\||\\^[^|^\\n]{1,100}\\^SCT(?-u:\\b))',
    ]),
  ],
  judge: (hits, { text }) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const named = !/^\d/.test(hit.text) || hit.text.endsWith('SCT');
      const codes = /^[a-z]+$/i.test(hit.text) ? codeAhead(hit, text, AHEAD) : codesIn(hit, FORM);
      return (named && !hit.text.endsWith('SCT') ? codes : codes.slice(0, 1))
        .filter(({ code }) => isSctid(code))
        .map(({ start, end, code }) => ({
          start,
          end,
          value: code,
          confidence: named ? 'high' : 'medium',
        }));
    }),
  mask: maskAll,
};
