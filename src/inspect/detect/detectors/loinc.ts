import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { codeAhead, codedBefore, codesIn } from '../labelled-codes.js';
import { maskAll } from '../masks.js';
import { isLoinc } from '../national-numbers.js';

const AHEAD = /(?<![\w.-])[1-9]\d{0,6}-\d$/;
const FORM = /(?<![\d-])[1-9]\d{0,6}-\d(?![\d-])/g;

/**
 * LOINC codes of laboratory tests and observations: digits, a dash, and a check digit. They look like parts of dates and
 * telephone numbers, so they count only behind their name, or as coded elements of HL7. Source: Regenstrief Institute,
 * LOINC Users' Guide; HL7 v2 table 0396 (LN).
 */
export const loinc: Detector = {
  info: {
    name: 'loinc',
    class: 'health',
    description: 'LOINC code of a laboratory test or observation',
    source: "Regenstrief Institute: LOINC Users' Guide; HL7 table 0396",
  },
  patterns: [
    ...near({ word: 'codeLabel' }, [
      '(?i)(?-u:\\b)loinc[^0-9]{0,40}[1-9][0-9]{0,6}-[0-9](?-u:\\b)(?:[ \\t]{0,2}(?:[,;/&]|and|or)?[ \\t]{0,2}[1-9][0-9]{0,6}-[0-9](?-u:\\b)){0,9}',
    ]),
    ...near({ word: 'codeLabel' }, ['(?i)(?-u:\\b)loinc(?-u:\\b)']),
    // In HL7 the code and its name stand before the clue.
    ...near({ literal: '^LN' }, ['\\^LN(?-u:\\b)']),
  ],
  judge: (hits, { text }) =>
    hits.flatMap((hit) =>
      (hit.text === '^LN'
        ? codedBefore(hit, text)
        : hit.text.length === 'loinc'.length
          ? codeAhead(hit, text, AHEAD)
          : codesIn(hit, FORM)
      )
        .filter(({ code, end }) => isLoinc(code) && !/^[\d-]/.test(text.slice(end, end + 1)))
        .map(({ start, end, code }) => ({ start, end, value: code, confidence: 'high' })),
    ),
  mask: maskAll,
};
