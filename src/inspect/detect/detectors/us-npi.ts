import { passesNpi } from '../check-digits.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';

const CONTEXT =
  /\b(?:npi|npis|national provider|provider (?:id|identifier|number|no|#)|rendering|billing provider)\b/;

/**
 * National provider identifiers: ten digits that begin with 1 or 2, the last a Luhn digit over the number behind 80840.
 * Source: CMS, "Requirements for National Provider Identifier (NPI) and NPI Check Digit"; 45 CFR 162.406.
 */
export const usNpi: Detector = {
  info: {
    name: 'us-npi',
    class: 'identifier',
    safeHarbor: 'K-certificate-licence',
    description: 'US national provider identifier',
    source: 'CMS: Requirements for NPI and NPI Check Digit; 45 CFR 162.406',
  },
  identifies: 'professional',
  patterns: near({ number: [4, 10], total: 10 }, [
    '(?-u:\\b)[12][0-9]{9}(?-u:\\b)',
    '(?-u:\\b)[12][0-9]{3}[ -][0-9]{3}[ -][0-9]{3}(?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const digits = hit.text.replace(/\D/g, '');
      if (!passesNpi(digits) || /^(\d)\1{8}/.test(digits)) return [];
      const context = CONTEXT.test(text.before(hit.start, 40)) || CONTEXT.test(text.labels(hit.start));
      // One number in ten passes the check: without its name near it is a phone number as likely as not.
      return [{ start: hit.start, end: hit.end, value: digits, confidence: context ? 'high' : 'low' }];
    }),
  mask: maskIdentifier,
};
