import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isSin } from '../national-numbers.js';
import { NINE, THREES } from '../number-forms.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Canadian social insurance numbers: nine digits, Luhn; none begin with 0 or 8. One number in ten passes, so without
 * its name it is a guess. Source: Employment and Social Development Canada, Social Insurance Number Code of Practice.
 */
export const caSin: Detector = {
  info: {
    name: 'ca-sin',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Canadian social insurance number',
    source: 'Employment and Social Development Canada: Social Insurance Number Code of Practice',
  },
  identifies: 'person',
  patterns: [...NINE, ...THREES],
  judge: judgeNumbers({
    valid: isSin,
    context:
      /\b(?:sins?|nas|s\.i\.n|n\.a\.s)\b[^\d\n]{0,16}$|\b(?:soc(?:ial)? ins(?:urance)?|assurance sociale)\b|^(?:sin|nas)$/,
    contextAfter: /^[\s,(-]{0,4}(?:sin|nas)\b|social insurance|assurance sociale/,
    alone: () => 'low',
  }),
  mask: maskIdentifier,
};
