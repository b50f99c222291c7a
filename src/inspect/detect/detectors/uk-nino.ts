import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isNino } from '../national-numbers.js';
import { judgeNumber, type NumberRules, startingAt } from '../number-judge.js';

const RULES: NumberRules = {
  valid: isNino,
  context: /\b(?:ninos?|n\.i\.|ni (?:no|num|numbers?|#)|nat(?:ional)?\.? ins(?:urance)?)\b|\bni[#:]/,
  // In its five groups nothing else looks like it; run together it may be a part number.
  alone: (matched) =>
    /[A-D]$/i.test(matched) ? (/^.. \d\d \d\d /.test(matched) ? 'medium' : 'low') : undefined,
  rareForm: (matched) => /^[A-Z]{2}\d{6}[A-D]$/.test(matched),
};

/**
 * UK national insurance numbers: two letters, six digits, and a letter A to D, which may be missing where the number is
 * named. Letters and pairs that are not in use are left out. Source: HMRC, National Insurance Manual NIM39110.
 */
export const ukNino: Detector = {
  info: {
    name: 'uk-nino',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'UK national insurance number',
    source: 'HMRC: National Insurance Manual NIM39110',
  },
  identifies: 'person',
  patterns: [
    // The first letter stands before the hit.
    ...near({ mark: 'letter-digit' }, ['[A-Z][0-9]{6}[A-D]?(?-u:\\b)']),
    ...near({ number: [2, 2], total: 6 }, ['(?-u:\\b)[0-9]{2} [0-9]{2} [0-9]{2}(?: ?[A-Da-d])?(?-u:\\b)']),
    ...near({ number: [6, 6] }, ['(?-u:\\b)[0-9]{6}(?: ?[A-Da-d])?(?-u:\\b)']),
    ...near({ word: 'nationalLabel' }, [
      '(?i)(?-u:\\b)(?:ninos?|ni|national insurance)(?: (?:no\\.?|numbers?|num))?[ :#=]{1,3}(?:is )?[a-z]{2}[0-9]{6}[a-d]?(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit) => {
      const within = /[a-z]{2}\d{6}[a-d]?$/i.exec(hit.text);
      if (within !== null) {
        return judgeNumber(RULES, startingAt(hit, hit.start + within.index, text), text) ?? [];
      }
      const letters = /[A-Z]$|[A-Za-z]{2} ?$/.exec(text.text.slice(Math.max(0, hit.start - 3), hit.start));
      const missing = /^[A-Z]/.test(hit.text) ? 1 : 2;
      if (letters === null || letters[0].trim().length < missing) return [];
      const start = missing === 1 ? hit.start - 1 : hit.start - letters[0].length;
      return judgeNumber(RULES, startingAt(hit, start, text), text) ?? [];
    }),
  mask: maskIdentifier,
};
