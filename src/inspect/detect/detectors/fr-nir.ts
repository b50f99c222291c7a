import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isNir } from '../national-numbers.js';
import { judgeNumbers } from '../number-judge.js';

const GAP = '[ .-]?';

/**
 * French social security numbers: sex, year and month of birth, department (2A and 2B in Corsica), commune, order, and
 * a key by modulus 97. Source: INSEE, RNIPP; decree 82-103 of 22 January 1982.
 */
export const frNir: Detector = {
  info: {
    name: 'fr-nir',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'French social security number (NIR, numéro de sécurité sociale)',
    source: 'INSEE: RNIPP; décret n° 82-103 du 22 janvier 1982',
  },
  identifies: 'person',
  patterns: [
    ...near({ number: [1, 1], total: 6 }, [
      `(?-u:\\b)[1-478][ .-][0-9]{2}${GAP}[0-9]{2}${GAP}(?:[0-9]{2}|2[AB])${GAP}[0-9]{3}${GAP}[0-9]{3}${GAP}[0-9]{2}(?-u:\\b)`,
    ]),
    ...near({ number: [13, 15] }, ['(?-u:\\b)[1-478][0-9]{12}[ /-]?[0-9]{2}(?-u:\\b)']),
    ...near({ number: [6, 6] }, ['(?-u:\\b)[1-478][0-9]{4}2[AB][0-9]{6}[ /-]?[0-9]{2}(?-u:\\b)']),
  ],
  judge: judgeNumbers({
    valid: isNir,
    context:
      /(?:\bnir\b|\binsee\b|\bs[ée]cu\b|s[ée]curit[ée] sociale|\bn° ?ss\b|\bnuméro ss\b|\bnss\b|\bcarte vitale\b|\bassur[ée] social|french social)/,
    // One number in a thousand passes form and key; cards of fifteen digits begin with 3, temporary numbers seldom stand alone.
    alone: (matched) => (/^[12]/.test(matched) || /^\d\D/.test(matched) ? 'medium' : 'low'),
  }),
  mask: maskIdentifier,
};
