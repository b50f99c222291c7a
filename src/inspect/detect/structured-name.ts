import { near } from './clue.js';
import type { Sighting } from './detector.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from './hl7-message.js';
import type { Hit } from './patterns.js';

/** Names in the fields of health records: HL7 v2, C-CDA, and FHIR in XML. */

export const STRUCTURED_NAME_PATTERNS = [
  ...PID_PATTERNS,
  ...near({ literal: '<' }, [
    '<(?:[a-z0-9]{1,8}:)?(?:[Gg]iven|[Ff]amily)(?: [^<>\\n]{0,60})?>[A-Za-z\\x27-]{1,40}<',
    '<(?:[a-z0-9]{1,8}:)?(?:given|family) value="[A-Za-z\\x27-]{1,40}"',
  ]),
];

/**
 * Fields with names of the patient, and of his family, guarantors and insured (HL7 v2.8, chapters 3 and 6): name, mother's
 * maiden name and alias; next of kin, mother's maiden name and contact; guarantor and his spouse; insured; Medicaid case.
 */
const HL7_FIELDS: Readonly<Record<string, readonly number[]>> = {
  PID: [5, 6, 9],
  NK1: [2, 26, 30],
  GT1: [3, 4],
  IN1: [16],
  IN2: [7],
};

/** True for hits of these patterns. */
export function isStructuredName(hit: Hit): boolean {
  return hit.text === 'PID|' || hit.text.startsWith('<');
}

/** The names at a hit of these patterns: of relatives as well, which 45 CFR 164.514(b)(2)(i) counts with the patient's. */
export function structuredNames(text: string, hit: Hit): readonly Sighting[] {
  if (hit.text === 'PID|') return hl7Names(text, hit);
  const isElement = hit.text.endsWith('<');
  const start = hit.start + hit.text.indexOf(isElement ? '>' : '"') + 1;
  const value = text.slice(start, hit.end - 1).toLowerCase();
  return [{ start, end: hit.end - 1, value, confidence: 'medium', ofPatient: true }];
}

function hl7Names(text: string, hit: Hit): readonly Sighting[] {
  return segmentsOfPatient(text, hit).flatMap((segment) =>
    (HL7_FIELDS[segment.name] ?? []).flatMap((field) =>
      repetitions(text, segment, field).flatMap((repetition): readonly Sighting[] => {
        // XPN: family name, given name.
        const filled = components(text, repetition)
          .slice(0, 2)
          .filter(({ start, end }) => end > start);
        const [first] = filled;
        const last = filled.at(-1);
        if (first === undefined || last === undefined) return [];
        const value = text.slice(first.start, last.end).toLowerCase();
        if (!/\p{L}{2}/u.test(value)) return [];
        return [{ start: first.start, end: last.end, value, confidence: 'high', ofPatient: true }];
      }),
    ),
  );
}
