import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';

const LABEL = /\b(?:ndcs?|national drug codes?|drug codes?)\b[^\n]{0,40}$/;
const DRUG =
  /\b(?:tablets?|capsules?|caplets?|mg|mcg|ml|rx|refills?|dispensed?|drugs?|medications?|pharmacy|formulary|vials?|inhalers?|injection|ointment|prescri(?:bed|ption)|dose|qty|sig)\b/;
const SUPPRESSING =
  /\b(?:skus?|parts?|items?|order|invoice|model|catalog|isbn|po|case|ticket|serial)\b[^\n]{0,24}$/;

/**
 * National drug codes: labeller, product and package, as 4-4-2, 5-3-2 or 5-4-1 digits, or as 5-4-2 in claims. A drug
 * beside somebody's identifier says what he is treated for; the code itself is nobody's.
 * Source: 21 CFR 207.33; 45 CFR 162.1002 (the form of eleven digits).
 */
export const ndc: Detector = {
  info: {
    name: 'ndc',
    class: 'health',
    description: 'National drug code, by its label or beside words of drugs',
    source: '21 CFR 207.33; 45 CFR 162.1002',
  },
  patterns: [
    ...near({ number: [4, 5], total: 10 }, [
      '(?-u:\\b)(?:[0-9]{4}-[0-9]{4}-[0-9]{2}|[0-9]{5}-[0-9]{3}-[0-9]{2}|[0-9]{5}-[0-9]{4}-[0-9]{1,2})(?-u:\\b)',
    ]),
    ...near({ number: [10, 11] }, ['(?-u:\\b)[0-9]{10,11}(?-u:\\b)']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const neighbours =
        text.text.slice(Math.max(0, hit.start - 1), hit.start) + text.text.slice(hit.end, hit.end + 1);
      if (/[\w-]/.test(neighbours)) return [];
      const before = text.before(hit.start, 64);
      const hyphens = hit.text.includes('-');
      // Most numbers of ten digits are something else, and a look for letters is cheap.
      if (!hyphens && !/ndc|drug/.test(before)) return [];
      const label = LABEL.test(before);
      if (!label && !hyphens) return [];
      const value = normal(hit.text);
      const drug = DRUG.test(before) || DRUG.test(text.after(hit.end, 64));
      const confidence = label ? 'high' : drug && !SUPPRESSING.test(before) ? 'medium' : 'low';
      return [{ start: hit.start, end: hit.end, value, confidence }];
    }),
  mask: maskIdentifier,
};

/** The form of claims: 5-4-2 digits, each part filled up with zeros. */
function normal(code: string): string {
  const [labeller, product, pack] = code.split('-');
  return product === undefined || pack === undefined
    ? code
    : `${labeller?.padStart(5, '0')}${product.padStart(4, '0')}${pack.padStart(2, '0')}`;
}
