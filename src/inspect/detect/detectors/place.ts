import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskName } from '../masks.js';
import type { ScannedText } from '../scanned-text.js';
import { STATE_NAME } from '../us-states.js';

/** Not places: days, people with a title, and what is written with a capital for other reasons. */
const NOT_A_PLACE =
  /^(?:the )?(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\b|(?:mon|tues|wednes|thurs|fri|satur|sun)day\b|(?:dr|mr|mrs|ms|prof|drs)\b|spring|summer|autumn|fall|winter|q[1-4]\b|stage\b|grade\b|type\b|phase\b|day\b|week\b|i\b|no\b|english|spanish|french|clinicaltrials|covid|nsaids?\b|t[12]dm|copd|ckd|hiv|ed\b|icu\b|er\b|nicu\b|or\b|mri\b|ct\b)/;
const WHOLE_STATE = new RegExp(
  `^(?:${STATE_NAME}|united states|usa|america|canada|mexico|china|india|europe|africa)$`,
);
/** One person in the sentence, with something done for or said of him. */
const ABOUT_ONE =
  /\b(?:patient|pt|\d{1,3}[ -]?(?:years?|yrs?|y|months?|mos?)[ -]?(?:old|o)|\d{1,3} ?(?:yo|y\/o|yof|yom)|(?:he|she|his|her)|mrs?\.|male|female|man|woman|boy|girl|who (?:is|was|had|has|lives))\b/;
const DONE =
  /\b(?:seen|treated|admitted|admitting|evaluated|examined|hospitali[sz]ed|present(?:ed|ing|s)|diagnosed|referred|referral|transferred|discharged|follow(?:ed|ing|up|-up)|visit(?:ed|s|ing)?|appointment|check-?up|consult(?:ed|ation)?|procedure|surgery|biopsy|scan|labs?|report|reviewed|operated|cared|attend(?:ed|ing)|under care|patient|lives|living|resid(?:es|ing|ent)|native|born|from|by)\b[^\n]{0,72}$/;
/** Where those who give care, speak or teach have learnt and work. */
const PROFESSION =
  /\b(?:residency|fellowship|internship|degree|graduat(?:ed|e)|professor|faculty|trained|training|works?|working|employed|hired|speak(?:s|er|ing)|lectur(?:es?|er|ing)|conference|webinar|published|researchers?|chair)\b[^.;\n]{0,32}$/;
const RESIDENCE =
  /\b(?:lives|living|resid(?:es|ing)|resident|moved|home|hails|native|originally|comes)[^.;\n]{0,12}$/;
const FACILITY =
  /\b(?:hospital|hosp|clinic|medical|med|center|centre|health|healthcare|memorial|infirmary|hospice|institute|university|va|office|campus|practice)\b/;

/**
 * Towns and places of care that a text ties to one patient: "seen at Riverside Clinic", "who lives in Dayton". Places
 * smaller than a state count for Safe Harbor. One says nothing of who it is by itself, so it never classifies a
 * message; it is there to be seen, reported and redacted.
 * Source: 45 CFR 164.514(b)(2)(i)(B).
 */
export const place: Detector = {
  info: {
    name: 'place',
    class: 'identifier',
    safeHarbor: 'B-geographic',
    description: 'Town or place of care that a text ties to one patient',
    source: '45 CFR 164.514(b)(2)(i)(B)',
  },
  patterns: near({ word: 'preposition' }, [
    '(?-u:\\b)(?:at|in|from|to|of|visited|attended)[ ](?:(?:the|our|their|nearby)[ ])?[A-Z][A-Za-z.\\x27&-]{1,24}(?:[ ](?:(?:of|and|for|at|the)[ ]){0,2}[A-Z][A-Za-z.\\x27&-]{0,24}){0,5}(?:,[ ][A-Z][A-Za-z.]{1,20}){0,2}(?:[ ](?:clinic|office|hospital|campus|practice|location)(?-u:\\b))?',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const preposition = /^[a-z]+ /.exec(hit.text)?.[0] ?? '';
      const written = hit.text
        .slice(preposition.length)
        .replace(/^(?:the|our|their|nearby) /, '')
        .replace(/(?:[ ,]+Dr|[.,'& -]+)$/, '');
      const small = written.toLowerCase();
      if (small.length < 3 || NOT_A_PLACE.test(small) || WHOLE_STATE.test(small)) return [];
      const facility = FACILITY.test(small);
      if (preposition === 'of ' && !facility && !/\bresident $/.test(text.before(hit.start, 12))) return [];
      if (!isTied(text, hit.start, facility, preposition)) return [];
      const start = hit.start + hit.text.indexOf(written, preposition.length);
      return [
        {
          start,
          end: start + written.length,
          value: small,
          confidence: facility ? 'medium' : 'low',
          ofPatient: true,
        },
      ];
    }),
  mask: maskName,
};

function isTied(text: ScannedText, start: number, facility: boolean, preposition: string): boolean {
  const before = text.before(start, 240);
  const near = before.slice(-96);
  if (PROFESSION.test(near)) return false;
  const done = preposition === 'visited ' || preposition === 'attended ' || DONE.test(near);
  // "a 70-year-old from Chicago", "post-op at County Clinic": the person is enough.
  if (ABOUT_ONE.test(before)) return done || facility || preposition === 'from ' || RESIDENCE.test(near);
  return (
    (done || RESIDENCE.test(near)) && facility && text.hasWord('nameCue', Math.max(0, start - 120), start)
  );
}
