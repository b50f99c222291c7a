import { near } from '../clue.js';
import { DATE_PATTERNS, readDate } from '../dates.js';
import type { Detector, Sighting } from '../detector.js';
import { PID_PATTERNS, pidField } from '../hl7-segment.js';
import { maskDate } from '../masks.js';

/** Labels in other languages: German, Dutch, French, Spanish, Italian, Portuguese, the Nordic ones and Polish. */
const ABROAD =
  'geb(?:oren(?: am| op)?|\\.|(?:\\.|urts)?[ -]?dat(?:um|\\.)?|oortedatum)|n[ée]e? le|(?:date de )?naissance|ddn|(?:f(?:echa|\\.)? ?(?:de )?)?nac(?:imiento|\\.)|nacid[oa](?: el)?|nat[oa] il|(?:data di )?nascita|(?:data de )?nascimento|nascid[oa](?: em| a)?|født|född|fødselsdato|syntymäaika|(?:data )?urodzenia|ur\\.';
const LABEL = new RegExp(
  `(?:^|[^\\p{L}])(?:dob|d\\.o\\.b\\.?|d\\/o\\/b|date of birth|birth ?date|birthday|birth|bdate|b-?day|born(?: on)?|${ABROAD})(?!\\p{L})`,
  'u',
);
/** "Jane Roe (b. 4/9/1971)". */
const SHORT_LABEL = /(?:[(,;–—-] ?|^)b\. $/;
const COLUMN = new RegExp(
  `(?:^|[^\\p{L}])(?:dob|d\\.o\\.b|birth|birthday|born|date[ _-]?of[ _-]?birth|birth[ _-]?date|${ABROAD})`,
  'u',
);

/**
 * Dates of birth: a full date close behind a word for birth, or in such a column. Also HL7 v2 PID-7 and the birthTime
 * of C-CDA. Source: 45 CFR 164.514(b)(2)(i)(C); HL7 v2.8 PID-7; HL7 C-CDA R2.1 (birthTime).
 */
export const dateOfBirth: Detector = {
  info: {
    name: 'date-of-birth',
    class: 'identifier',
    safeHarbor: 'C-dates',
    description: 'Date of birth, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(C); HL7 v2 PID-7; C-CDA birthTime',
  },
  identifies: 'person',
  patterns: [
    ...DATE_PATTERNS,
    ...near({ digits: 8, before: 48, after: 48 }, [
      '(?i)(?:dob|birth(?:time|date)?)[^0-9\\n]{0,24}(?:19|20)[0-9]{6}(?-u:(?:\\b|T?[0-9]{4,6}))',
      '(?i)(?:dob|birth(?:date)?)[^0-9\\n]{0,24}[0-9]{2} ?[0-9]{2} ?(?:18|19|20)[0-9]{2}(?-u:\\b)',
    ]),
    ...PID_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') {
        const field = pidField(text.text, hit, 7);
        const value = field && readDate(text.text.slice(field.start, field.start + 8));
        return field && value
          ? [{ start: field.start, end: field.start + 8, value, confidence: 'high' }]
          : [];
      }
      const monthFirst = /\d{2} ?\d{2} ?(?:18|19|20)\d{2}$/.exec(hit.text)?.[0];
      const apart = monthFirst
        ?.match(/^(\d{2}) ?(\d{2}) ?(\d{4})$/)
        ?.slice(1)
        .join('/');
      const dayOfBirth = apart === undefined ? undefined : readDate(apart);
      if (monthFirst !== undefined && dayOfBirth !== undefined && hit.text.length > monthFirst.length) {
        const start = hit.end - monthFirst.length;
        return [{ start, end: hit.end, value: dayOfBirth, confidence: 'high' }];
      }
      const compact = /(?:18|19|20)\d{6}(?:\d{4}|\d{6}|T\d{4,6})?$/.exec(hit.text)?.[0];
      if (compact !== undefined && hit.text.length > compact.length) {
        const value = readDate(compact.slice(0, 8));
        const start = hit.end - compact.length;
        return value === undefined ? [] : [{ start, end: hit.end, value, confidence: 'high' }];
      }
      const value = readDate(hit.text);
      if (value === undefined) return [];
      const before = text.before(hit.start, 32);
      const label = LABEL.exec(before);
      if (label !== null) {
        // A digit in between belongs to another value: "DOB 1/2/60, seen 3/4/21".
        const between = before.slice(label.index + label[0].length);
        const close = !/\d{3}|\d[/.-]\d|;/.test(between);
        return close ? [{ start: hit.start, end: hit.end, value, confidence: 'high' }] : [];
      }
      if (SHORT_LABEL.test(before)) return [{ start: hit.start, end: hit.end, value, confidence: 'high' }];
      const labels = text.labels(hit.start);
      if (COLUMN.test(labels)) {
        return [
          { start: hit.start, end: hit.end, value, confidence: labels.includes('|') ? 'medium' : 'high' },
        ];
      }
      return /^[ ,(]{0,3}\(?(?:dob|date of birth|birth)/.test(text.after(hit.end, 20))
        ? [{ start: hit.start, end: hit.end, value, confidence: 'medium' }]
        : [];
    }),
  mask: maskDate,
};
