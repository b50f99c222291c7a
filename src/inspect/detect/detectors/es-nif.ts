import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isNif } from '../national-numbers.js';
import { judgeNumbers } from '../number-judge.js';

/**
 * Spanish tax numbers of persons: the DNI, eight digits and a letter, and the NIE of foreigners, which begins with X, Y
 * or Z; the letter is the remainder of 23. Source: Real Decreto 1065/2007, articles 18 to 20; Orden INT/2058/2008.
 */
export const esNif: Detector = {
  info: {
    name: 'es-nif',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'Spanish tax number of a person (NIF: DNI or NIE)',
    source: 'Real Decreto 1065/2007, artículos 18 a 20; Orden INT/2058/2008',
  },
  identifies: 'person',
  patterns: [
    ...near({ number: [7, 8] }, ['(?-u:\\b)[0-9]{7,8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?-u:\\b)']),
    ...near({ number: [1, 2], total: 7 }, [
      '(?-u:\\b)[0-9]{1,2}\\.[0-9]{3}\\.[0-9]{3}[ -]?[A-HJ-NP-TV-Z](?-u:\\b)',
    ]),
    ...near({ word: 'nieLetter' }, [
      '(?-u:\\b)[X-ZK-Mx-z][ -]?[0-9]{7,8}[ -]?[A-HJ-NP-TV-Za-hj-np-tv-z](?-u:\\b)',
      '(?-u:\\b)[X-Z][ -]?[0-9]\\.[0-9]{3}\\.[0-9]{3}[ -]?[A-HJ-NP-TV-Z](?-u:\\b)',
    ]),
  ],
  judge: judgeNumbers({
    valid: (value) => isNif(value.replace(/^([XYZ])0(?=\d{7})/, '$1')),
    context:
      /\b(?:d\.?n\.?i|n\.?i\.?f|n\.?i\.?e|documento (?:nacional )?(?:de )?identidad|extranjero|identificaci[oó]n fiscal)\b/,
    alone: (matched) => (/^[XYZ]/.test(matched) ? 'medium' : 'low'),
    rareForm: (matched) => /^\d{8}-?[A-Z]$/.test(matched),
  }),
  mask: maskIdentifier,
};
