import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';

/** Beneficiary identification codes: whose entitlement it is, the wage earner's or that of one of his family. */
const CODE =
  '(?:A|B[1-9ADGHJKLNPQRTWY]?|C[1-9A-Z]|D[1-9ACDGHJKLMNPQRSTVWXYZ]?|E[1-9ABCDFGHJKM]?|F[1-8]|H[A-C][1-9A-Z]?|J[1-4]|K[1-9A-M]|M1?|T[A-HJ-NP-Z2]?|W[1-9BCFGJRT]?)';
const CONTEXT =
  /\b(?:hicn?|hic(?:n)? ?(?:no|number|#)|health insurance claim|medicare|claim (?:no|number|#)|railroad|rrb|bic)\b|\b(?:member|subscriber|enrollee|beneficiary|insured|patient|claimant)(?: (?:id|no\.?|number|#))?:? $/;

const SUPPRESSING =
  /\b(?:part|item|sku|order|invoice|serial|model|ticket|case|lot|batch|ref(?:erence)?|tracking|room|drawing|isbn)\b[^\n]{0,16}$/;

/**
 * Health insurance claim numbers, Medicare's before 2020: a social security number with a beneficiary code behind it,
 * or the Railroad Retirement Board's with a code in front. They still identify people, and old records hold them.
 * Source: CMS, "Medicare Claims Processing Manual" chapter 2 (HICN); SSA POMS RM 10201 and GN 00301 (BIC).
 */
export const usHicn: Detector = {
  info: {
    name: 'us-hicn',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'Former Medicare health insurance claim number',
    source: 'CMS: Medicare Claims Processing Manual, chapter 2; SSA: Program Operations Manual System',
  },
  identifies: 'person',
  patterns: [
    ...near({ number: [3, 9], total: 9 }, [
      `(?-u:\\b)[0-9]{3}(?:-[0-9]{2}-|[ ][0-9]{2}[ ]|[0-9]{2})[0-9]{4}[ -]?${CODE}(?-u:\\b)`,
    ]),
    ...near({ word: 'governmentLabel' }, [
      '(?i)(?-u:\\b)(?:hicn?|railroad medicare|medicare)[ ]?(?:numbers?|num|no\\.?|id|claim|#|:|is|[ ]){0,4}(?:A|MA|CA|H|JA|MH|PA|PD|PH|WA|WCA|WCD|WCH|WD|WH)[ -]?(?:[0-9]{6}|[0-9]{3}-?[0-9]{2}-?[0-9]{4})(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const railroad = RAILROAD.exec(hit.text);
      if (railroad !== null) {
        const start = hit.end - railroad[0].length;
        return [
          { start, end: hit.end, value: plainNumber(railroad[0]), confidence: 'high', showsHealth: true },
        ];
      }
      if (/[\w.-]/.test(text.text.charAt(hit.start - 1))) return [];
      const value = plainNumber(hit.text);
      const digits = value.slice(0, 9);
      if (/^(?:000|666|9)|^...00|0000$/.test(digits) || /^(\d)\1{8}$/.test(digits)) return [];
      const context = CONTEXT.test(text.before(hit.start, 48)) || CONTEXT.test(text.labels(hit.start));
      const grouped = /^\d{3}-\d{2}-\d{4}/.test(hit.text);
      const found = { start: hit.start, end: hit.end, value };
      if (context) return [{ ...found, confidence: 'high', showsHealth: true }];
      if (grouped && !SUPPRESSING.test(text.before(hit.start, 40)))
        return [{ ...found, confidence: 'medium' }];
      // Nine digits and a letter: a part or a batch as likely as not.
      return [{ ...found, confidence: 'low' }];
    }),
  mask: maskIdentifier,
};

/** What stands behind its label: a hit that begins with a digit is of the other form. */
const RAILROAD =
  /(?<=^[^\d].*)(?:A|MA|CA|H|JA|MH|PA|PD|PH|WA|WCA|WCD|WCH|WD|WH)[ -]?(?:\d{6}|\d{3}-?\d{2}-?\d{4})$/i;
