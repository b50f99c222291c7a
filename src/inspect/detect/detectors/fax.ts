import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { PHONE_PATTERNS } from './phone.js';

const LABEL = /\b(?:tele)?(?:fax|facsimile)(?:es|ed)?\b(?:[^\n\d]|\d{1,3}[^\n\d]){0,20}$/;
/** Another kind of number between the word and the number. */
const OTHER =
  /\b(?:fax(?:es|ed)?|facsimile)\b.*\b(?:phone|tel(?:ephone)?|cell|mobile|call|office|direct|main)\b/s;
const LABEL_BEHIND = /^[ ,]{0,2}[([]? ?(?:tele)?fax\b/;
/** Numbers that aren't dialled. */
const SUPPRESSING = /\b(?:order|invoice|ticket|case|model|serial|ref(?:erence)?|po)\b[^\n]{0,12}$/;

/**
 * Fax numbers: telephone numbers with a word for fax before or behind them. `phone` sees them too.
 * Source: 45 CFR 164.514(b)(2)(i)(E); NANPA numbering plan; ITU-T E.164.
 */
export const fax: Detector = {
  info: {
    name: 'fax',
    class: 'identifier',
    safeHarbor: 'E-fax',
    description: 'Fax number, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(E); NANPA numbering plan; ITU-T E.164',
  },
  identifies: 'contact',
  patterns: PHONE_PATTERNS,
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const before = text.before(hit.start, 40);
      const labelled = LABEL.test(before) && !OTHER.test(before) && !SUPPRESSING.test(before);
      const behind = LABEL_BEHIND.test(text.after(hit.end, 12));
      if (!labelled && !behind && !/\bfax/.test(text.labels(hit.start))) return [];
      const digits = hit.text.replace(/\D/g, '');
      if (
        digits.length < 10 ||
        digits.length > 15 ||
        /\d$/.test(before) ||
        /^\d/.test(text.after(hit.end, 1))
      )
        return [];
      const value = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
      const dialled = /^[2-9]\d\d[2-9]/.test(value) || hit.text.startsWith('+');
      return [
        {
          start: hit.start,
          end: hit.end,
          value,
          confidence: dialled ? 'high' : 'medium',
          ofPatient: isOwnedByPatient(text, hit.start, hit.end),
        },
      ];
    }),
  mask: maskIdentifier,
};
