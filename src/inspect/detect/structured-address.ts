import { near } from './clue.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from './hl7-message.js';
import type { Hit } from './patterns.js';

/** Addresses in the fields of health records: HL7 v2, C-CDA and FHIR. */

export const STRUCTURED_ADDRESS_PATTERNS = [
  ...PID_PATTERNS,
  ...near({ literal: 'streetAddressLine>' }, ['streetAddressLine>[ ]{0,4}[A-Za-z0-9]']),
  ...near({ literal: 'postalCode' }, ['postalCode(?:>|"[ ]{0,2}:[ ]{0,2}"| value=")[ ]{0,4}[A-Z0-9]']),
];

/** True for hits of these patterns. */
export function isStructured(hit: Hit): boolean {
  return /^(?:PID\||streetAddressLine|postalCode)/.test(hit.text);
}

export interface StructuredAddress {
  readonly start: number;
  readonly end: number;
  /** The field is the patient's, or his family's or guarantor's. */
  readonly ofPatient: boolean;
}

/** Fields with addresses: patient, next of kin, guarantor, insured; and of employers, contacts and places of care. */
const HL7_FIELDS: Readonly<
  Record<string, { readonly own: readonly number[]; readonly others: readonly number[] }>
> = {
  PID: { own: [11], others: [] },
  NK1: { own: [4, 32], others: [] },
  GT1: { own: [5], others: [17] },
  IN1: { own: [19], others: [5, 44] },
  CTD: { own: [], others: [3] },
  ORC: { own: [], others: [22, 24] },
  RXA: { own: [], others: [28] },
  ROL: { own: [], others: [11] },
};

/** How far an element of an address reaches, and how far back its record begins. */
const LONGEST = 800;
const RECORD = 3_000;

/** The address at a hit of these patterns; one for each repetition of HL7 fields. */
export function structuredAddresses(text: string, hit: Hit): readonly StructuredAddress[] {
  if (hit.text === 'PID|') return hl7Addresses(text, hit);
  return hit.text.startsWith('street') ? streetLine(text, hit) : behindPostalCode(text, hit);
}

function hl7Addresses(text: string, hit: Hit): readonly StructuredAddress[] {
  return segmentsOfPatient(text, hit).flatMap((segment) => {
    const fields = HL7_FIELDS[segment.name];
    if (fields === undefined) return [];
    const read = (field: number, ofPatient: boolean) =>
      repetitions(text, segment, field).flatMap((repetition): readonly StructuredAddress[] => {
        // XAD: street, other designation, city, state, ZIP.
        const filled = components(text, repetition)
          .slice(0, 5)
          .filter(({ start, end }) => end > start);
        const first = filled[0];
        const last = filled.at(-1);
        if (first === undefined || last === undefined || filled.length < 2) return [];
        const written = text.slice(first.start, last.end);
        return /\d/.test(written) && /[A-Za-z]{2}/.test(written)
          ? [{ start: first.start, end: last.end, ofPatient }]
          : [];
      });
    return [
      ...fields.own.flatMap((field) => read(field, true)),
      ...fields.others.flatMap((field) => read(field, false)),
    ];
  });
}

/** From the first line of a C-CDA address to its ZIP code, or to the end of that line. */
function streetLine(text: string, hit: Hit): readonly StructuredAddress[] {
  // The end of an element, and not its beginning.
  if (/\/(?:[A-Za-z0-9]{1,12}:)?$/.test(text.slice(Math.max(0, hit.start - 14), hit.start))) return [];
  const behind = text.slice(hit.end, hit.end + LONGEST);
  const closed = behind.search(/<\/(?:[A-Za-z0-9]{1,12}:)?addr>/);
  const address = closed === -1 ? behind.slice(0, 160) : behind.slice(0, closed);
  const zip = /postalCode>[^<>]{0,16}/.exec(address);
  const line = /^[^<>]{0,120}/.exec(address)?.[0] ?? '';
  const length = zip === null ? line.length : zip.index + zip[0].length;
  return [{ start: hit.end - 1, end: hit.end + length, ofPatient: isInPatientRole(text, hit.start) }];
}

function isInPatientRole(text: string, at: number): boolean {
  const record = text.slice(Math.max(0, at - RECORD), at);
  const role = record.lastIndexOf('patientRole');
  return (
    role !== -1 &&
    !/rganization|ssignedEntity|ssignedAuthor|\/(?:[A-Za-z0-9]{1,12}:)?patientRole/.test(record.slice(role))
  );
}

/** The rest of an address without a street, or one of FHIR (JSON and XML), which names its parts otherwise. */
function behindPostalCode(text: string, hit: Hit): readonly StructuredAddress[] {
  const before = text.slice(Math.max(0, hit.start - LONGEST), hit.start);
  // A street line before it in the same address has reached this far already.
  const line = before.lastIndexOf('streetAddressLine>');
  if (line !== -1 && !/addr>/.test(before.slice(line))) return [];
  if (/\/(?:[A-Za-z0-9]{1,12}:)?$/.test(before)) return [];
  const opened = Math.max(
    before.lastIndexOf('"address"'),
    before.lastIndexOf('<address'),
    before.lastIndexOf('addr '),
    before.lastIndexOf('addr>'),
  );
  const code = /^[A-Za-z0-9 -]{0,12}/.exec(text.slice(hit.end, hit.end + 12))?.[0] ?? '';
  const end = hit.end + code.length;
  const from = opened === -1 ? before : before.slice(opened);
  const first =
    /(?:"line"\s{0,4}:\s{0,4}\[?\s{0,4}"|"city"\s{0,4}:\s{0,4}"|<line value="|<city value="|city>)(?=[^<>"])/.exec(
      from,
    );
  const start = first === null ? hit.end - 1 : hit.start - from.length + first.index + first[0].length;
  const record = text.slice(Math.max(0, hit.start - RECORD), hit.start);
  const named = record.slice(Math.max(0, record.lastIndexOf('"resourceType"')));
  const resource = /^"resourceType"\s{0,4}:\s{0,4}"([A-Za-z]{1,40})"/.exec(named)?.[1];
  const ofPatient =
    resource === 'Patient' || resource === 'RelatedPerson' || isInPatientRole(text, hit.start);
  return [{ start, end, ofPatient }];
}
