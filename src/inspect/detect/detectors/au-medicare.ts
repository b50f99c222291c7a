import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isAuMedicare } from '../national-numbers.js';
import { TEN } from '../number-forms.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Australian Medicare card numbers: 2 to 6 and seven more digits, a check digit, the issue number, and perhaps the
 * place of the person on the card. Source: Services Australia, Medicare number check digit; METeOR 270101.
 */
export const auMedicare: Detector = {
  info: {
    name: 'au-medicare',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'Australian Medicare card number',
    source: 'Services Australia: Medicare card number; AIHW METeOR: person identifier, Medicare number',
  },
  identifies: 'person',
  patterns: [
    ...TEN,
    ...near({ number: [4, 4], total: 10 }, [
      '(?-u:\\b)[2-6][0-9]{3}[ -][0-9]{5}[ -][1-9](?:[ -]?/?[1-9])?(?-u:\\b)',
    ]),
    ...near({ number: [11, 11] }, ['(?-u:\\b)[2-6][0-9]{10}(?-u:\\b)']),
  ],
  judge: judgeNumbers({
    valid: isAuMedicare,
    context: /\bmedicare\b[^\d\n]{0,32}$|^(?:au )?medicare/,
    contextAfter: /^[\s,(-]{0,4}medicare\b/,
    // Nothing else is grouped by four, five and one.
    alone: (matched) =>
      /^\d{4}[ -]\d{5}[ -]/.test(matched) ? 'medium' : matched.length === 10 ? 'low' : undefined,
    showsHealth: true,
  }),
  mask: maskIdentifier,
};
