import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isAhv } from '../national-numbers.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Swiss social security numbers: thirteen digits that begin with 756, the country, and end as an EAN-13 does. No goods
 * have that prefix. Source: Central Compensation Office CCO, AHV number; AHV ordinance (AHVV), article 133.
 */
export const chAhv: Detector = {
  info: {
    name: 'ch-ahv',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Swiss social security number (AHV, AVS)',
    source: 'Central Compensation Office CCO: AHV number; AHVV art. 133',
  },
  identifies: 'person',
  patterns: near({ literal: '756' }, ['756[. -]?[0-9]{4}[. -]?[0-9]{4}[. -]?[0-9]{2}(?-u:\\b)']),
  judge: judgeNumbers({
    valid: isAhv,
    context: /\b(?:ahv|avs|navs(?:13)?|ahvn(?:13)?|sozialversicherungs|oasi)/,
    alone: () => 'medium',
  }),
  mask: maskIdentifier,
};
