import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';

const STREET =
  '(?:street|avenue|road|lane|drive|court|boulevard|way|place|terrace|circle|parkway|highway|square|trail|alley|crescent|st|ave|rd|ln|dr|ct|blvd|pl|ter|cir|pkwy|hwy|sq|trl)';
const STATE =
  '(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AIT]|W[AIVY])';

/** The same pattern for small and capital letters. */
function inAnyCase(pattern: string): string {
  return pattern.replace(/(?<!\?)[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

/** A town with state and ZIP code, behind the street. */
const TOWN = new RegExp(
  `^[ ,]{0,3}(?:(?:apt|apartment|unit|suite|ste|floor|#)\\.? ?#?[A-Za-z0-9-]{1,6}[ ,]{0,2})?[\\n]?[ ]{0,4}[A-Z][A-Za-z.' -]{1,28},?[ \\n]{1,2}${STATE},?(?: ?\\d{5}(?:-\\d{4})?)?\\b`,
  'i',
);
const ZIP = /\d{5}(?:-\d{4})?$/;
/** Somebody's own address, by the words before. */
const LABEL = /\b(?:address|addr|lives?|living|resid(?:es?|ing|ence)|home)\b[^.;\n]{0,24}[:\n]?[ \t]{0,4}$/;
const OF_PATIENT =
  /\b(?:patient|pt|resident|member|subscriber)(?:'s)?\b[^.;\n]{0,40}$|\b(?:lives|living|resides|residing) (?:at|on|in)[^.;\n]{0,16}$|\b(?:his|her|home|residential) (?:home )?address[^.;\n]{0,12}$/;
/** Where organisations are, and how one gets there. */
const ORGANISATION =
  /\b(?:clinic|hospital|center|centre|office|suite|building|visit us|located|location|branch|campus|pharmacy|laboratory|warehouse|store|ship to|inc|llc|corp)\b[^;\n]{0,32}$/;

/**
 * Street addresses of the United States: number, name of the street, kind of street, as a rule with town, state and ZIP
 * code. Source: 45 CFR 164.514(b)(2)(i)(B); USPS Publication 28 (suffixes in appendix C, states in appendix B).
 */
export const streetAddress: Detector = {
  info: {
    name: 'street-address',
    class: 'identifier',
    safeHarbor: 'B-geographic',
    description: 'Street address in the United States',
    source: '45 CFR 164.514(b)(2)(i)(B); USPS Publication 28',
  },
  identifies: 'contact',
  patterns: near({ mark: 'house-number' }, [
    `(?-u:\\b)[0-9]{1,5}[A-Z]?[ ](?:(?:[NSEW]|N[EW]|S[EW]|North|South|East|West)\\.?[ ])?(?:(?:[A-Z][a-z\\x27]{1,18}|[0-9]{1,3}(?:st|nd|rd|th)|[A-Z]{2,18})[ ]){1,3}${inAnyCase(STREET)}(?-u:\\b)`,
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      // "4.14 Main Street" and "$14 Main Street" are figures.
      if (/[\w.$/-]/.test(text.text.charAt(hit.start - 1))) return [];
      const town = TOWN.exec(text.text.slice(hit.end, hit.end + 80).replace(/^\./, ' '))?.[0];
      const before = text.before(hit.start, 64);
      const labelled = LABEL.test(before) || /\baddress/.test(text.labels(hit.start));
      const organisation = ORGANISATION.test(before);
      const complete = town !== undefined;
      const confidence =
        organisation || !(complete || labelled)
          ? 'low'
          : labelled || ZIP.test(town ?? '')
            ? 'high'
            : 'medium';
      const end = hit.end + (town?.length ?? 0);
      const value = text.text
        .slice(hit.start, end)
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, ' ')
        .trim();
      return [
        { start: hit.start, end, value, confidence, ofPatient: !organisation && OF_PATIENT.test(before) },
      ];
    }),
  mask: maskAll,
};
