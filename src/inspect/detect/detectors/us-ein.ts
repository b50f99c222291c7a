import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';

/** First two digits: campuses of the IRS and the Small Business Administration, and the internet. */
const PREFIX = /^(?:0[1-6]|1[0-6]|2[0-7]|3[0-9]|4[0-8]|5[0-9]|6[0-8]|7[1-7]|8[0-8]|9[0-5]|9[89])/;
const CONTEXT =
  /\b(?:f?eins?|employer(?:'s)? (?:id(?:entification)?|tax id)|federal (?:tax|id|employer)|tax(?:payer)?[ -]?(?:id|identification|no|number|#)|tin|irs (?:no|number|#)|w-?9)\b[^\n]{0,32}$/;

/**
 * Employer identification numbers: two digits of a prefix that is in use, and seven more. They are an organisation's,
 * so they say something of a patient only where the text does.
 * Source: IRS, "How EINs are assigned and valid EIN prefixes"; 26 CFR 301.6109-1.
 */
export const usEin: Detector = {
  info: {
    name: 'us-ein',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'US employer identification number, known by its label or form',
    source: 'IRS: How EINs are assigned and valid EIN prefixes; 26 CFR 301.6109-1',
  },
  identifies: 'contact',
  patterns: [
    ...near({ number: [2, 2], total: 9 }, ['(?-u:\\b)[0-9]{2}-[0-9]{7}(?-u:\\b)']),
    ...near({ number: [9, 9] }, ['(?-u:\\b)[0-9]{9}(?-u:\\b)']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (!PREFIX.test(hit.text)) return [];
      const neighbours =
        text.text.slice(Math.max(0, hit.start - 1), hit.start) + text.text.slice(hit.end, hit.end + 1);
      if (/[\w-]/.test(neighbours)) return [];
      const context = CONTEXT.test(text.before(hit.start, 56));
      const grouped = hit.text.includes('-');
      if (!context && !grouped) return [];
      const value = hit.text.replace('-', '');
      const ofPatient = context && isOwnedByPatient(text, hit.start, hit.end);
      const confidence = !context ? 'low' : grouped ? 'high' : 'medium';
      return [{ start: hit.start, end: hit.end, value, confidence, ofPatient }];
    }),
  mask: maskIdentifier,
};
