import { DATE_PATTERNS, readDate } from '../dates.js';
import type { Detector, Sighting } from '../detector.js';
import { maskDate } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';

const CARE =
  /\b(?:seen|admitted|discharged|treated|evaluated|examined|presented|presenting|visit(?:ed|ing)?|underwent|hospitali[sz]ed|diagnosed|assessed|reviewed|checked|noted|operated|transferred|died|deceased|surgery|appointment|procedure|consult(?:ation|ed)?|admission|discharge|encounter|service|dos|dx)\b[^;\n]{0,90}$/;

/**
 * The day on which a patient was seen, admitted, treated or discharged. Safe Harbor counts every date of care that
 * is finer than a year. Source: 45 CFR 164.514(b)(2)(i)(C).
 */
export const serviceDate: Detector = {
  info: {
    name: 'service-date',
    class: 'identifier',
    safeHarbor: 'C-dates',
    description: 'Day of a visit, admission, treatment or discharge of one patient',
    source: '45 CFR 164.514(b)(2)(i)(C)',
  },
  identifies: 'date',
  patterns: DATE_PATTERNS,
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const value = readDate(hit.text);
      if (value === undefined || !CARE.test(text.before(hit.start, 120))) return [];
      const ofPatient = ABOUT_ONE.test(text.before(hit.start, 260)) || isOfPatient(text, hit.start, hit.end);
      return [{ start: hit.start, end: hit.end, value, confidence: ofPatient ? 'medium' : 'low', ofPatient }];
    }),
  mask: maskDate,
};

/** One person in the sentence, not patients in general. */
const ABOUT_ONE =
  /\b(?:(?:a|the|this|our|my|his|her)(?: [a-z-]{1,16}){0,2} patient|pt|patient,|\d{1,3}[ -]?(?:years?|yrs?|y|months?|mos?)[ -]?(?:old|o)|\d{1,3} ?(?:yo|y\/o))\b/;
