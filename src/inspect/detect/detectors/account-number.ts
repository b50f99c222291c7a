import { near, nearInAnyCase } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { afterLabel, digitsOf, labelledNumber, plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

/** Accounts of computers and of organisations' books. */
const OTHER_ACCOUNT =
  /\b(?:e-?mail|user|login|twitter|instagram|admin|service|ad|domain|general ledger|gl|ledger|cost|expense|revenue|vendor|supplier|utility|electric|cloud|aws|azure|root)[ -]$/;
/** Patient accounts of HL7 v2: PID-18, PV1-19 (visit), MRG-3. */
const HL7_FIELDS: Readonly<Record<string, readonly number[]>> = { PID: [18], PV1: [19], MRG: [3] };

/**
 * Account numbers, known by their label: of a bank, or of a patient at a hospital; also the patient account of HL7
 * v2. Source: 45 CFR 164.514(b)(2)(i)(J); HL7 v2.8 PID-18.
 */
export const accountNumber: Detector = {
  info: {
    name: 'account-number',
    class: 'financial',
    safeHarbor: 'J-account',
    description: 'Account number of a bank or hospital, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(J); HL7 v2 PID-18',
  },
  identifies: 'contact',
  patterns: [
    ...near({ word: 'bankLabel' }, [
      afterLabel('(?:account|acct\\.?|accnt)s? ?(?:numbers?|num|nr|no\\.?|id|#|is|ending in|:)?'),
    ]),
    // Field 3a of the claim form UB-04.
    ...near({ word: 'recordLabel' }, [afterLabel('patient control ?(?:numbers?|no\\.?|#)')]),
    ...nearInAnyCase('a/c', [afterLabel('a/c ?(?:numbers?|no\\.?|#)')]),
    ...PID_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') return patientAccounts(text, hit);
      const found = labelledNumber(hit, text, isAccount);
      // "accounts/12345" is a path, and has no label.
      if (found === undefined || found.start === hit.start) return [];
      const before = text.before(hit.start, 24);
      if (OTHER_ACCOUNT.test(before)) return [];
      const value = plainNumber(found.number);
      if (found.label.startsWith('patient control')) {
        return [
          {
            start: found.start,
            end: found.end,
            value,
            confidence: 'high',
            ofPatient: true,
            showsHealth: true,
          },
        ];
      }
      const named = /numbers?|num|nr|no\b|id\b|#|:/.test(found.label);
      const ofPatient =
        /\b(?:patient|pt|guarantor|hospital) $/.test(before) ||
        isOwnedByPatient(text, found.start, found.end);
      const confidence = ofPatient && named ? 'high' : 'medium';
      return [{ start: found.start, end: found.end, value, confidence, ofPatient }];
    }),
  mask: maskIdentifier,
};

function isAccount(number: string): boolean {
  return digitsOf(number) >= 4 && plainNumber(number).length >= 6 && !isDate(number);
}

function isDate(number: string): boolean {
  return /^\d{1,2}[-./]\d{1,2}[-./](?:\d{2}|\d{4})$|^(?:19|20)\d\d-\d\d-\d\d$/.test(number);
}

function patientAccounts(text: ScannedText, hit: Hit): readonly Sighting[] {
  return segmentsOfPatient(text.text, hit).flatMap((segment) =>
    (HL7_FIELDS[segment.name] ?? []).flatMap((field) =>
      repetitions(text.text, segment, field).flatMap((repetition): readonly Sighting[] => {
        const [number] = components(text.text, repetition);
        if (number === undefined) return [];
        const value = plainNumber(text.text.slice(number.start, number.end));
        if (!/\d{3}/.test(value)) return [];
        return [{ ...number, value, confidence: 'high', ofPatient: true }];
      }),
    ),
  );
}
