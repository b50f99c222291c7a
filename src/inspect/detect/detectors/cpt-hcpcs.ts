import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { codeAhead, codesAfter, codesIn } from '../labelled-codes.js';
import { maskAll } from '../masks.js';

/** A code with its modifiers, as claims write them. */
const CODE = '(?:[0-9]{4}[0-9ftum]|[a-v][0-9]{4})(?:-[0-9a-z]{2}){0,4}';
const AHEAD = /(?<![\w.$#-])(?:\d{4}[\dFTUM]|[A-V]\d{4})(?:-[\dA-Z]{2}){0,4}$/i;
const FORM = /\b(?:\d{4}[\dFTUM]|[A-V]\d{4})(?:-[\dA-Z]{2}){0,4}(?![\w.]|-\d)/gi;

/**
 * Codes of procedures and supplies as they are billed: CPT (five digits, or four and F, T, U, M) and HCPCS level II (a
 * letter A to V and four digits), with modifiers. No list of codes is kept, because CPT is licensed by the American
 * Medical Association: five digits are a code only behind their label or in a column that has it. Source: CMS, HCPCS
 * General Information; 45 CFR 162.1002.
 */
export const cptHcpcs: Detector = {
  info: {
    name: 'cpt-hcpcs',
    class: 'health',
    description: 'Procedure code (CPT, HCPCS), known by its label',
    source: 'CMS: HCPCS General Information; 45 CFR 162.1002',
  },
  patterns: [
    ...near({ word: 'codeLabel' }, [
      codesAfter('cpt(?:[- ]?4)?|hcpcs?|procedures? ?codes?|billing codes?|billed', CODE),
    ]),
    ...near({ word: 'codeLabel' }, ['(?i)(?-u:\\b)(?:cpt|hcpcs)(?-u:\\b)']),
    ...near({ rows: true }, ['(?-u:\\b)(?:[0-9]{4}[0-9FTUM]|[A-V][0-9]{4})(?-u:\\b)']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit) => {
      if (/^(?:cpt|hcpcs)$/i.test(hit.text))
        return codeAhead(hit, text.text, AHEAD).map(({ start, end, code }) => ({
          start,
          end,
          value: code.slice(0, 5),
          confidence: 'high' as const,
        }));
      if (hit.text.length === 5) {
        if (!/\b(?:cpt|hcpcs|procedure ?code)/.test(text.labels(hit.start))) return [];
        return [{ start: hit.start, end: hit.end, value: hit.text, confidence: 'high' }];
      }
      const named = /^(?:cpt|hcpcs)/i.test(hit.text);
      return codesIn(hit, FORM)
        .filter(({ start, end }) => start > hit.start && !/^[\w-]/.test(text.text.slice(end, end + 1)))
        .map(({ start, end, code }) => ({
          start,
          end,
          value: code.slice(0, 5),
          confidence: named ? ('high' as const) : ('medium' as const),
        }));
    }),
  mask: maskAll,
};
