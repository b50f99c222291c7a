import { near } from '../clue.js';
import type { Detector } from '../detector.js';
import { maskSecret } from '../masks.js';

/**
 * Card verification codes next to their label. PCI DSS calls them sensitive authentication data that may never be kept.
 * Source: PCI DSS v4.0 requirement 3.3.1.2; EMV and network names of the code (CVV2, CVC2, CID, CAV2).
 */
export const cardSecurityCode: Detector = {
  info: {
    name: 'card-security-code',
    class: 'financial',
    description: 'Card verification code next to its label',
    source: 'PCI DSS v4.0, 3.3.1.2',
  },
  patterns: near({ word: 'cardCode' }, [
    '(?i)(?-u:\\b)(?:cvv2?|cvc2?|cav2|csc|cvn|card ?(?:security|verification) ?(?:code|number|value)|security code)[ \\t]{0,3}(?:is|number|no\\.?|code)?[ \\t]{0,2}[:#=]?[ \\t]{0,3}[0-9]{3,4}(?-u:\\b)',
  ]),
  judge: (hits) =>
    hits.map((hit) => {
      const code = /\d{3,4}$/.exec(hit.text)?.[0] ?? '';
      const certain = !/^security/i.test(hit.text);
      return {
        start: hit.end - code.length,
        end: hit.end,
        value: code,
        confidence: certain ? 'medium' : 'low',
      };
    }),
  mask: maskSecret,
};
