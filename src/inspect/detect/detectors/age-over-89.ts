import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskAll } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';

/** Things that have an age, and groups of people. */
const NOT_A_PERSON =
  /^[ ,-]{0,2}(?:[a-z]+ )?(?:buildings?|houses?|hospital|compan(?:y|ies)|traditions?|oak|trees?|firm|church|bridges?|business|institution|facility|organi[sz]ation|school|laws?|records?|brand|anniversary|history|legacy|lease|bonds?|mortgage|loan|plan|warranty|wine|roof|pipes?)\b/;
const NOT_A_PERSON_BEFORE =
  /\b(?:buildings?|house|hospital|clinic|compan(?:y|ies)|firm|church|bridge|business|institution|organi[sz]ation|school|tradition|law|brand|society|foundation|roof|tree|elevator)(?: that| which)?(?: (?:is|was|turns|turned|now|about|nearly|almost))*,? ?$/;
const GROUP =
  /^[ ,]{0,2}(?:(?:and|or) (?:over|older|above|up|more)|\+|(?:[-–]|to) ?\d|through \d|plus\b)|^[ -]?(?:follow|survival|history|period|olds\b)/;
const GROUP_BEFORE =
  /\b(?:ages|over|above|under|below|until|between|than|to|through|least|up to|adults aged|those aged|people aged|patients aged|women aged|men aged|cohort|mean|median|average)[^a-z0-9]{0,3}(?:the )?(?:age(?: of)?|aged)?[ -]{0,3}(?:\d{1,3}(?: and| to|-) ?)?$|\bpatients (?:are )?(?:age[sd]?)[^a-z]{0,3}$|[-–] ?$/;
const LABEL = /(?:age|aged)[^0-9]{0,12}$/;

/**
 * Ages over 89, which Safe Harbor counts as identifying: so few people are so old. Of one person: "a 93-year-old",
 * "aged 95", "Age: 101". Source: 45 CFR 164.514(b)(2)(i)(C).
 */
export const ageOver89: Detector = {
  info: {
    name: 'age-over-89',
    class: 'identifier',
    safeHarbor: 'C-dates',
    description: 'Age over 89 of one person',
    source: '45 CFR 164.514(b)(2)(i)(C)',
  },
  identifies: 'date',
  patterns: [
    ...near({ number: [2, 3], value: [90, 119] }, [
      '(?i)(?-u:\\b)(?:9[0-9]|1[01][0-9])[ -]{0,2}(?:years?|yrs?\\.?|y)[ /-]{0,2}(?:olds?|o)(?-u:\\b)',
      '(?i)(?-u:\\b)(?:9[0-9]|1[01][0-9])[ ]?(?:y\\.o\\.|y/?o[mf]?(?-u:\\b)|years?[ ]of[ ]age(?-u:\\b))',
    ]),
    ...near({ word: 'ageWord' }, [
      '(?i)(?-u:\\b)(?:aged?|age[ ]of|turned|turns|turning)(?:[ ]?(?:is|was|at|of|in[ ]years|\\(years\\)|[:=,])){0,2}[ \\t]{0,3}(?:9[0-9]|1[01][0-9])(?-u:\\b)',
      '(?i)(?-u:\\b)(?:nonagenarian|centenarian|supercentenarian)(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const value = /\d+/.exec(hit.text)?.[0] ?? hit.text.toLowerCase();
      const before = text.before(hit.start, 40);
      const after = text.after(hit.end, 32);
      if (/\d[.,/-]?$|\$$/.test(before) || /^[.,]?\d|^ ?%|^s\b/.test(after)) return [];
      if (NOT_A_PERSON.test(after) || NOT_A_PERSON_BEFORE.test(before) || GROUP.test(after)) return [];
      const labelled =
        /^(?:age|turn)/i.test(hit.text) && LABEL.test(hit.text.slice(0, -value.length).toLowerCase());
      if (GROUP_BEFORE.test(labelled ? before.replace(/[-–] ?$/, '') : before) || /olds$/i.test(hit.text))
        return [];
      // Behind an age, "aged 95" says who; a bare "turned 95" may be a company.
      const start = hit.start;
      const ofPatient =
        OF_PERSON.test(after) ||
        isOfPatient(text, start, hit.end) ||
        /\b(?:patient|pt|he|she|who)\b[^.;\n]{0,32}$/.test(before);
      return [
        {
          start,
          end: hit.end,
          value,
          confidence: ofPatient || labelled || YEARS.test(hit.text) ? 'medium' : 'low',
          ofPatient,
        },
      ];
    }),
  mask: maskAll,
};

const YEARS = /y/i;
const OF_PERSON =
  /^[ ,-]{0,3}(?:[a-z-]+ ){0,2}(?:man|woman|male|female|lady|gentleman|patient|pt|resident|veteran|widow(?:er)?|mother|father|grandmother|grandfather|m|f)\b/;
