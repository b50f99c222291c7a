import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isBsn } from '../national-numbers.js';
import { NINE, THREES } from '../number-forms.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Dutch citizen service numbers: nine digits that pass the elfproef. One number in eleven passes, so without its name
 * it counts for nothing. Source: RvIG, Logisch Ontwerp BSN; Wet algemene bepalingen burgerservicenummer.
 */
export const nlBsn: Detector = {
  info: {
    name: 'nl-bsn',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Dutch citizen service number (burgerservicenummer)',
    source: 'RvIG: Logisch Ontwerp BSN',
  },
  identifies: 'person',
  patterns: [
    ...NINE,
    ...THREES,
    ...near({ number: [4, 4], total: 9 }, ['(?-u:\\b)[0-9]{4}[. ][0-9]{2}[. ][0-9]{3}(?-u:\\b)']),
  ],
  judge: judgeNumbers({
    valid: isBsn,
    context: /(?:\bbsn\b|\bb\.s\.n\b|burger ?service|\bsofi(?:[- ]?nummer)?\b|citizen service)/,
    alone: () => undefined,
  }),
  mask: maskIdentifier,
};
