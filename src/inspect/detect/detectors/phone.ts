import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { maskIdentifier } from '../masks.js';
import { isOfPatient } from '../patient-cue.js';
import type { Hit } from '../patterns.js';

const LABEL =
  /\b(?:phones?|tel(?:ephone)?|cell(?:ular)?|mobile|call|fax|facsimile|reach|contact|text|ph|home|sms|whatsapp|dial|number is|callback)\b[^\n]{0,24}$/;
const PERSONAL =
  /\b(?:(?<!\b(?:stay|stays|staying|remain) )home|cell(?:ular)?|mobile(?! (?:van|unit|clinic|app))|patient|her|him|his|personal)\b[^\n]{0,28}$/;
/** Where somebody works is no patient's telephone. */
const OFFICE =
  /\b(?:her|his|their) (?:office|clinic|desk|assistant|secretary|team|department|practice|extension)\b[^\n]{0,28}$/;
const SUPPRESSING =
  /\b(?:order|invoice|tracking|isbn|issn|ticket|part|item|sku|serial|case|confirmation|reference|meeting|build|po|rma|batch|doi|pmid|npi|gtin|imei|version|release|unix|webinar|passcode)\b[^\n]{0,16}$/;
/** Numbers that ring at organisations. */
const TOLL_FREE = /^(?:800|833|844|855|866|877|888|900)/;

/** Shared with `fax`: the same patterns are run once. */
export const PHONE_PATTERNS = near({ digits: 7, before: 8, after: 48 }, [
  '(?:\\+?1[ .-]{0,2})?(?:\\([2-9][0-9]{2}\\)[ .-]{0,2}|(?-u:\\b)[2-9][0-9]{2} ?[.-] ?|(?-u:\\b)[2-9][0-9]{2}[ /])[2-9][0-9]{2} ?[ .-] ?[0-9]{4}(?-u:\\b)',
  '(?-u:\\b)1?[2-9][0-9]{2}[2-9][0-9]{6}(?-u:\\b)',
  '(?-u:\\b|\\()[0-9]{3}\\)? ?[.-]? ?[0-9]{3} ?[.-] ?[0-9]{4}(?-u:\\b)',
  '\\+[1-9][0-9]{0,2}(?:[ .-]{0,2}\\(?[0-9]{1,5}\\)?){2,6}',
]);

/**
 * Telephone and fax numbers: the North American plan (area and exchange 2-9), and E.164 with a plus sign.
 * Also those of HL7 v2 messages, of the patient, next of kin and guarantor.
 * Source: NANPA, "North American Numbering Plan"; ITU-T E.164; HL7 v2.8 section 2A.3 (XTN); 45 CFR 164.514(b)(2)(i)(D), (E).
 */
export const phone: Detector = {
  info: {
    name: 'phone',
    class: 'identifier',
    safeHarbor: 'D-telephone',
    description: 'Telephone or fax number, North American or international',
    source: 'NANPA numbering plan; ITU-T E.164; 45 CFR 164.514(b)(2)(i)(D), (E)',
  },
  identifies: 'contact',
  patterns: [...PHONE_PATTERNS, ...PID_PATTERNS],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') return telephonesOf(text.text, hit);
      const digits = hit.text.replace(/\D/g, '');
      const around = text.text.slice(Math.max(0, hit.start - 2), hit.start);
      const following = text.text.slice(hit.end, hit.end + 2);
      if (/[\d]$|\d[.-]$/.test(around) || /^(?:\d|[.-]\d)/.test(following)) return [];
      const international = hit.text.startsWith('+') && !digits.startsWith('1');
      if (international && (digits.length < 8 || digits.length > 15)) return [];
      const national = digits.length === 11 && digits.startsWith('1') ? digits.slice(1) : digits;
      if (!international && national.length !== 10) return [];
      const before = text.before(hit.start, 40);
      const label = LABEL.test(before) || /\b(?:phone|tel|mobile|cell|fax)/.test(text.labels(hit.start));
      const dialled = /^[2-9]\d\d[2-9]/.test(national);
      // No exchange begins with 0 or 1, but people make such numbers up, and a label says what they mean.
      const doubtful = /^\d+$/.test(hit.text) || !(dialled || international) || SUPPRESSING.test(before);
      if (!label && doubtful) return [];
      const ofPatient =
        !OFFICE.test(before) && (PERSONAL.test(before) || isOfPatient(text, hit.start, hit.end));
      const tollFree = !international && TOLL_FREE.test(national);
      const spaced = /^\d{3} \d{3} \d{4}$/.test(hit.text);
      const confidence = tollFree || (spaced && !label) ? 'low' : label && dialled ? 'high' : 'medium';
      return [
        { start: hit.start, end: hit.end, value: national, confidence, ofPatient: ofPatient && !tollFree },
      ];
    }),
  mask: maskIdentifier,
};

/** Fields with telephone numbers of patients, their families, guarantors and insured. */
const HL7_FIELDS: Readonly<Record<string, readonly number[]>> = {
  PID: [13, 14],
  NK1: [5, 6, 7, 31],
  GT1: [6, 7],
  IN2: [63, 64],
};

function telephonesOf(text: string, hit: Hit): readonly Sighting[] {
  return segmentsOfPatient(text, hit).flatMap((segment) =>
    (HL7_FIELDS[segment.name] ?? []).flatMap((field) =>
      repetitions(text, segment, field).flatMap((repetition): readonly Sighting[] => {
        // XTN: the number as one, or its country, area, local part and extension, or unformatted in the twelfth place.
        const parts = components(text, repetition);
        const filled = [parts[0], ...parts.slice(4, 8), parts[11]].filter(
          (part) => part !== undefined && /\d/.test(text.slice(part.start, part.end)),
        );
        const first = filled[0];
        const last = filled.at(-1);
        if (first === undefined || last === undefined) return [];
        const value = text.slice(first.start, last.end).replace(/\D/g, '');
        if (value.length < 4) return [];
        return [{ start: first.start, end: last.end, value, confidence: 'high', ofPatient: true }];
      }),
    ),
  );
}
