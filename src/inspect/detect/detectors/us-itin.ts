import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';

const CONTEXT = /\b(?:itins?|taxpayer|tin|tax id|ssns?|social security)\b|ss#/;

/**
 * Individual taxpayer identification numbers: like a social security number, with area 900-999 and group 50-65, 70-88,
 * 90-92 or 94-99. Source: IRS, Publication 1915 and Internal Revenue Manual 3.21.263.
 */
export const usItin: Detector = {
  info: {
    name: 'us-itin',
    class: 'identifier',
    safeHarbor: 'R-other',
    description: 'US individual taxpayer identification number',
    source: 'IRS: Publication 1915; Internal Revenue Manual 3.21.263',
  },
  identifies: 'person',
  patterns: near({ number: [3, 9], total: 9 }, [
    '(?-u:\\b)9[0-9]{2}[ -]?(?:5[0-9]|6[0-5]|7[0-9]|8[0-8]|9[0-2]|9[4-9])[ -]?[0-9]{4}(?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const neighbours =
        text.text.slice(Math.max(0, hit.start - 1), hit.start) + text.text.slice(hit.end, hit.end + 1);
      if (/[\d-]/.test(neighbours)) return [];
      const context = CONTEXT.test(text.before(hit.start, 40)) || CONTEXT.test(text.labels(hit.start));
      const grouped = /^\d{3}-\d{2}-\d{4}$/.test(hit.text);
      if (!context && !grouped) return [];
      const value = hit.text.replace(/\D/g, '');
      return [{ start: hit.start, end: hit.end, value, confidence: context ? 'high' : 'medium' }];
    }),
  mask: maskIdentifier,
};
