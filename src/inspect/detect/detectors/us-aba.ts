import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { passesAba } from '../weighted-checks.js';

/** Federal Reserve districts 1-12, thrift institutions, electronic transactions, traveller's cheques; 00 the government. */
const PREFIX = /^(?:0[0-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2]|80)/;
const CONTEXT =
  /\b(?:aba|rtn|routing|transit|micr|ach|direct deposit|wire|bank (?:no|number|code|#))\b[^\n]{0,36}$/;

/**
 * Routing numbers of US banks: nine digits with a prefix of the Federal Reserve and a check digit, by the words
 * before, because one number of nine digits in twenty looks like one.
 * Source: American Bankers Association, "Routing Number Policy"; 12 CFR 229, appendix A.
 */
export const usAba: Detector = {
  info: {
    name: 'us-aba',
    class: 'financial',
    safeHarbor: 'J-account',
    description: 'US bank routing number, by its label',
    source: 'ABA: Routing Number Policy; 12 CFR 229, appendix A',
  },
  identifies: 'contact',
  patterns: near({ number: [9, 9] }, ['(?-u:\\b)[0-9]{9}(?-u:\\b)']),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (!PREFIX.test(hit.text) || !passesAba(hit.text) || /^0+$/.test(hit.text)) return [];
      const labels = text.labels(hit.start);
      if (!CONTEXT.test(text.before(hit.start, 56)) && !/\b(?:aba|routing)/.test(labels)) return [];
      const ofPatient = isOwnedByPatient(text, hit.start, hit.end);
      return [{ start: hit.start, end: hit.end, value: hit.text, confidence: 'high', ofPatient }];
    }),
  mask: maskIdentifier,
};
