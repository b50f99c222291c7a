import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { GROUPED_CELL, groupedCell, isGroupedCell } from '../grouped-cell.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { afterLabel, digitsOf, labelledNumber, plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

const COLUMN = /\b(?:mrn|medical[ _-]?record|(?:patient|pt)[ _-]?(?:id|number|no|#))/;

/** A number that stands right behind `patient`, without a word that says which number it is. */
const BARE = /[A-Z]{0,3}-?\d{6,12}$/i;

/** Not an amount, a date, a count, or the beginning of something longer. */
function isBareRecordNumber(number: string, text: ScannedText, start: number, end: number): boolean {
  const digits = number.replace(/\D/g, '');
  if (digits === number && (/0{4}$/.test(digits) || /^(?:19|20)\d\d(?:0\d|1[0-2])[0-3]\d$/.test(digits)))
    return false;
  if (/^(?:[./,-]\d|%| ?(?:usd|dollars|eur|visits|days|records|cases)\b)/.test(text.after(end, 12)))
    return false;
  return !/\b(?:per|a|each|every|cost|costs)[ \n](?:patient|pt)[^a-z]*(?:is)?[^a-z]*$/.test(
    text.before(start, 24),
  );
}

/** From the name of a Patient's element to its first identifier. */
const FHIR_XML =
  'Patient(?: [^<>]{0,200})?>[^\\x00]{0,600}?<(?:[a-z0-9]{1,8}:)?identifier(?: [^<>]{0,80})?>[^\\x00]{0,200}?[<:]value value="[A-Za-z0-9.-]{3,40}"';
/** A resource refers to its patient (FHIR R4 2.3.0). */
const REFERENCE =
  /"reference"\s{0,4}:\s{0,4}"[^"\s]{0,80}$|<(?:[a-z0-9]{1,8}:)?reference value="[^"\s]{0,80}$/;

/**
 * Medical record numbers. Every institution has its own format, so only a label makes one: `MRN`, `medical record
 * number`, `chart no.`, `patient ID`, or such a column. HL7 v2 messages carry it in PID-3, C-CDA in the id of patientRole,
 * FHIR in the identifier of a Patient.
 * Source: 45 CFR 164.514(b)(2)(i)(H); HL7 v2.8 chapter 3 (PID segment).
 */
export const mrn: Detector = {
  info: {
    name: 'mrn',
    class: 'identifier',
    safeHarbor: 'H-medical-record',
    description: 'Medical record number, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(H); HL7 v2 PID-3',
  },
  identifies: 'person',
  patterns: [
    ...near({ word: 'recordLabel' }, [
      afterLabel(
        'mrn|m\\.r\\.n\\.?|mr ?#|med(?:ical)?\\.? ?rec(?:ord)?s?|(?:patient|pt)(?:\\x27s)? ?(?:id(?:entifier)?|number|no\\.?|#|account|acct|chart|file|record)|chart ?(?:number|no\\.?|#|id)|hospital ?(?:number|no\\.?|#|id)|health ?record|unit ?(?:record|number|no\\.?)|urn(?-u:\\b)|ur ?(?:number|no\\.?|#)|accession|encounter ?(?:number|no\\.?|#|id)|ehr ?(?:number|no\\.?|#|id)|emr ?(?:number|no\\.?|#|id)',
      ),
    ]),
    ...near({ rows: true }, ['(?-u:\\b)[A-Z]{0,3}[0-9]{5,12}(?-u:\\b)', GROUPED_CELL]),
    ...near({ word: 'recordLabel' }, [
      '(?i)(?-u:\\b)(?:patient|pt)[ \\t]{0,2}(?:#|:|is|,|\\()?[ \\t]{0,2}[A-Z]{0,3}-?[0-9]{6,12}(?-u:\\b)',
      '(?i)(?-u:\\b)chart:?[ ][0-9]{5,10}(?-u:\\b)',
    ]),
    ...PID_PATTERNS,
    ...near({ literal: 'patientRole' }, [
      'patientRole(?: [^<>]{0,200})?>\\s{0,20}<(?:[a-z0-9]{1,8}:)?id (?:root="[^"]{0,80}" )?extension="[A-Za-z0-9.-]{3,40}"',
    ]),
    ...near({ literal: 'resourceType"' }, [
      'resourceType"\\s{0,4}:\\s{0,4}"Patient"[^\\x00]{0,600}?"identifier"\\s{0,4}:\\s{0,4}\\[[^\\]]{0,400}?"value"\\s{0,4}:\\s{0,4}"[A-Za-z0-9.-]{3,40}"',
    ]),
    ...near({ literal: 'Patient xmlns' }, [FHIR_XML]),
    ...near({ literal: 'Patient>' }, [FHIR_XML]),
    ...near({ literal: 'Patient/' }, ['Patient/[A-Za-z0-9.-]{5,64}"']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') {
        return recordsOf(text, hit);
      }
      if (hit.text.startsWith('Patient/')) {
        const start = hit.start + 'Patient/'.length;
        const value = plainNumber(text.text.slice(start, hit.end - 1));
        if (!/\d/.test(value) || !REFERENCE.test(text.before(hit.start, 120))) return [];
        return [{ start, end: hit.end - 1, value, confidence: 'medium', showsHealth: true }];
      }
      if (/^(?:patientRole|resourceType|Patient(?: xmlns[^<>]{0,200})?>)/.test(hit.text)) {
        const number = /[^"]+(?="$)/.exec(hit.text)?.[0] ?? '';
        const end = hit.end - 1;
        const value = plainNumber(number);
        return [{ start: end - number.length, end, value, confidence: 'high', showsHealth: true }];
      }
      if (/^[A-Z]{0,3}\d+$/.test(hit.text)) {
        const labels = text.labels(hit.start);
        if (!COLUMN.test(labels) || (labels.includes('|') && /\b(?:ssn|phone|npi|zip)\b/.test(labels)))
          return [];
        const value = plainNumber(hit.text);
        return [{ start: hit.start, end: hit.end, value, confidence: 'high', showsHealth: true }];
      }
      if (isGroupedCell(hit)) {
        const cell = groupedCell(hit, text, COLUMN);
        return cell === undefined ? [] : [{ ...cell, confidence: 'high', showsHealth: true }];
      }
      const ofPatient = BARE.exec(hit.text)?.[0];
      if (ofPatient !== undefined && /^(?:patient|pt)[^a-z]*(?:is)?[^a-z]*[a-z]{0,3}-?\d+$/i.test(hit.text)) {
        const start = hit.end - ofPatient.length;
        if (!isBareRecordNumber(ofPatient, text, start, hit.end)) return [];
        return [{ start, end: hit.end, value: plainNumber(ofPatient), confidence: 'medium' }];
      }
      if (/^chart:? \d+$/i.test(hit.text)) {
        const number = /\d+$/.exec(hit.text)?.[0] ?? '';
        const start = hit.end - number.length;
        if (!isBareRecordNumber(number, text, start, hit.end)) return [];
        return [{ start, end: hit.end, value: number, confidence: 'medium' }];
      }
      const found = labelledNumber(hit, text, (number) => digitsOf(number) >= 4);
      if (found === undefined) return [];
      const certain = /mrn|m\.r\.n|med|patient|pt|chart/.test(found.label);
      return [
        {
          start: found.start,
          end: found.end,
          value: plainNumber(found.number),
          confidence: certain ? 'high' : 'medium',
          showsHealth: certain,
        },
      ];
    }),
  mask: maskIdentifier,
};

/** Patient identifiers of HL7 v2: PID-2 to PID-4 (external, internal, alternate), each repetition. */
function recordsOf(text: ScannedText, hit: Hit): readonly Sighting[] {
  const [segment] = segmentsOfPatient(text.text, hit);
  if (segment === undefined) return [];
  return [2, 3, 4].flatMap((field) =>
    repetitions(text.text, segment, field).flatMap((repetition): readonly Sighting[] => {
      const [number] = components(text.text, repetition);
      if (number === undefined) return [];
      const value = plainNumber(text.text.slice(number.start, number.end));
      return /\d/.test(value) ? [{ ...number, value, confidence: 'high', showsHealth: true }] : [];
    }),
  );
}
