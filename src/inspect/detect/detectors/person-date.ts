import { near } from '../clue.js';
import { DATE_PATTERNS, MONTH_NAMES, readDate } from '../dates.js';
import type { Detector, Sighting } from '../detector.js';
import { components, PID_PATTERNS, type Place, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { maskDate } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

/** Names of the fields of forms and letters that hold such a date. */
const FIELD =
  /\b(?:(?:date|day|time) of (?:death|service|admission|discharge|procedure|surgery|operation|injury|accident|onset|diagnosis|visit|encounter|exam(?:ination)?|consult(?:ation)?|transfer|delivery|collection|specimen|test|treatment|transplant|implant(?:ation)?|loss|incident)|(?:death|admit(?:ted)?|admission|disch(?:arge)?|procedure|surgery|operation|service|visit|encounter|injury|onset|exam|collection|specimen|appointment|appt|treatment|transplant|implant|consult|follow-?up) (?:date|dt)|(?:admitted|discharged|deceased|expired|collected|admission|discharge)(?= ?:)|d\/c date|adm(?:it)? dt|dod|dos|doa|doi|doe|lmp|edd|edc)\b[^a-z0-9\n]{0,8}(?:\([^()\n]{0,16}\))?[^a-z0-9\n]{0,4}(?:is|was|on|from)?[^a-z0-9\n]{0,4}(?:[a-z]{3,9},? )?$/;
/** What befell one person. */
const EVENT =
  /\b(?:died|passed away|expired|pronounced(?: dead)?|succumbed|deceased|buried|miscarried|gave birth|delivered|last menstrual period|transplanted|implanted|amputated|intubated|extubated|resuscitated|collapsed|overdosed|injured|immuni[sz]ed|vaccinated|tested positive|enrolled)\b(?: [a-z]{1,14}){0,4}[ ,]{0,2}$/;
const COLUMN =
  /^(?:dod|dos|doa|death|(?:date[ _-]?of[ _-]?)?(?:admission|discharge|service|death|procedure|surgery|visit|diagnosis|injury)|(?:admission|admit|discharge|service|death|procedure|surgery|visit|appointment|appt|diagnosis)[ _-]?(?:date|dt))$/;
/** Orders, contracts and products have dates of service and expiry too. */
const OTHER =
  /\b(?:contract|warranty|licen[cs]e|subscription|invoice|membership|card|certificate|coupon|offer|policy|lease|vehicle|car|server|software|product|batch|package|order)\b[^\n]{0,40}$/;

/** Dates of HL7 v2, by segment: death (PID-29), admission and discharge (PV1-44, 45), procedure (PR1-5), … */
const HL7_FIELDS: Readonly<Record<string, readonly number[]>> = {
  PID: [29],
  PV1: [44, 45],
  PR1: [5],
  DG1: [5],
  OBR: [7, 8],
  ACC: [1],
};

/**
 * Dates of what befell one person: death, admission, discharge, procedure, injury, by the name of the field, of the
 * column, by the verb before, or in a sentence about one person. What sentences say of visits and treatment is read by `service-date`.
 * Source: 45 CFR 164.514(b)(2)(i)(C); HL7 v2.8 PID-29, PV1-44, PV1-45, PR1-5.
 */
export const personDate: Detector = {
  info: {
    name: 'person-date',
    class: 'identifier',
    safeHarbor: 'C-dates',
    description: 'Date of death, admission, discharge, procedure or injury, by its field or verb',
    source: '45 CFR 164.514(b)(2)(i)(C); HL7 v2 PID-29, PV1-44, PV1-45, PR1-5',
  },
  identifies: 'date',
  patterns: [
    ...DATE_PATTERNS,
    ...near({ word: 'month' }, [`(?i)(?-u:\\b)${MONTH_NAMES}\\.?[ ][0-9]{1,2}(?:st|nd|rd|th)?(?-u:\\b)`]),
    ...PID_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') return fromHl7(text, hit);
      const before = text.before(hit.start, 80);
      const value = readDate(hit.text) ?? withoutYear(hit.text);
      if (value === undefined) return [];
      const field = FIELD.test(before) || COLUMN.test(text.labels(hit.start));
      const event = EVENT.test(before);
      const place = { start: hit.start, end: hit.end, value };
      if (OTHER.test(before)) return [];
      if (!field && !event) return ON.test(before) ? inSentence(place, text) : [];
      const ofPatient =
        event || isOwnedByPatient(text, hit.start, hit.end) || NAMED.test(text.before(hit.start, 260));
      return [{ ...place, confidence: field || ofPatient ? 'medium' : 'low', ofPatient }];
    }),
  mask: maskDate,
};

const NAMED = /\b(?:patient|pt|decedent|resident|mrn|dob|date of birth|name)\b(?!s)/;
const ON = /\b(?:on|since|from|until|dated) $/;
/** One person, by age or as a patient. */
const ONE =
  /\b\d{1,3}[ -]?(?:years?|yrs?|y|months?|mos?)[ -]?(?:old|o)\b|\b\d{1,3} ?(?:yo|y\/o|[mf])\b|\b(?:a|the|this|our|my) (?:[a-z-]{1,16} ){0,2}(?:patient|pt|man|woman|boy|girl|male|female)\b|\b(?:patient|pt),/;

/** What a sentence about one person dates: surer where it speaks of health. */
function inSentence(place: Place & { readonly value: string }, text: ScannedText): readonly Sighting[] {
  const sentence =
    text
      .before(place.start, 220)
      .split(/[.?!]\s/)
      .at(-1) ?? '';
  if (!ONE.test(sentence)) return [];
  const health = text.hasWord('term', place.start - sentence.length, place.start);
  return [{ ...place, confidence: health ? 'medium' : 'low', ofPatient: true }];
}

/** Month and day alone: finer than a year all the same. */
function withoutYear(written: string): string | undefined {
  const parts = /^([a-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?$/i.exec(written);
  const day = Number(parts?.[2]);
  return parts?.[1] !== undefined && day >= 1 && day <= 31 ? `--${parts[1].toLowerCase()}-${day}` : undefined;
}

function fromHl7(text: ScannedText, hit: Hit): readonly Sighting[] {
  return segmentsOfPatient(text.text, hit).flatMap((segment) =>
    (HL7_FIELDS[segment.name] ?? []).flatMap((field) =>
      repetitions(text.text, segment, field).flatMap((repetition): readonly Sighting[] => {
        const [date] = components(text.text, repetition);
        if (date === undefined) return [];
        const value = readDate(text.text.slice(date.start, date.start + 8));
        return value === undefined ? [] : [{ ...date, value, confidence: 'high', ofPatient: true }];
      }),
    ),
  );
}
