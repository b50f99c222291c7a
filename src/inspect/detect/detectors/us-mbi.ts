import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';

const LETTER = '[AC-HJKMNP-RT-Y]';
const LETTER_OR_DIGIT = '[0-9AC-HJKMNP-RT-Y]';
const CONTEXT = /\b(?:mbi|medicare|beneficiary|cms|hicn?|part [abcd])\b/;

/**
 * Medicare beneficiary identifiers: eleven characters, each place with its own set, no S, L, O, I, B, Z.
 * Source: CMS, "Understanding the Medicare Beneficiary Identifier (MBI) Format". There is no check digit.
 */
export const usMbi: Detector = {
  info: {
    name: 'us-mbi',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'Medicare beneficiary identifier',
    source: 'CMS: Understanding the Medicare Beneficiary Identifier (MBI) Format',
  },
  identifies: 'person',
  patterns: near({ number: [1, 1], behind: 'letter' }, [
    `(?i)(?-u:\\b)[1-9]${LETTER}${LETTER_OR_DIGIT}[0-9][ -]?${LETTER}${LETTER_OR_DIGIT}[0-9][ -]?${LETTER}{2}[0-9]{2}(?-u:\\b)`,
  ]),
  judge: (hits, text) =>
    hits.map((hit) => {
      const context = CONTEXT.test(text.before(hit.start, 48)) || CONTEXT.test(text.labels(hit.start));
      // Written in one case and with its dashes nothing else looks like it; run together it may be a licence key.
      const shaped = /^.{4}-.{3}-.{4}$/.test(hit.text);
      return {
        start: hit.start,
        end: hit.end,
        value: hit.text.replace(/[^0-9A-Za-z]/g, '').toUpperCase(),
        confidence: context ? 'high' : shaped ? 'medium' : 'low',
        showsHealth: context || shaped,
        rareForm: hit.text === hit.text.toUpperCase(),
      };
    }),
  mask: maskIdentifier,
};
