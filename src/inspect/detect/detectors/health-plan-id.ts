import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { GROUPED_CELL, groupedCell, isGroupedCell } from '../grouped-cell.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { afterLabel, digitsOf, labelledNumber, plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import type { Hit } from '../patterns.js';

/** Kinds of cover that have policies and members too, but no patients. */
const OTHER_COVER =
  /\b(?:malpractice|professional indemnity|surety|auto|car|vehicle|home(?:owners?)?|life|flood|cyber|liability|property|travel|pet|loyalty|gym|rewards?|frequent|airline|security|privacy|refund|return|board|union|library|staff|team|social|national)\b[^\n]{0,24}$/;

const COLUMN = /^(?:member|subscriber|insurance|policy|plan|medicaid|medicare)[ _-]?(?:id|number|no|#)/;

/** Payers whose name alone says what the number behind it is. */
const PAYER = 'aetna|anthem|bcbs|cigna|humana|kaiser|medicaid|tricare|uhc|unitedhealthcare';

/**
 * Numbers of health plan beneficiaries, known by their label: member, subscriber, policy, insurance, Medicaid ID.
 * Also the insurance segments of HL7 v2.
 * Source: 45 CFR 164.514(b)(2)(i)(I); ANSI/INCITS 284 (identification cards for health care); HL7 v2.8 IN1, IN2.
 */
export const healthPlanId: Detector = {
  info: {
    name: 'health-plan-id',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'Health plan member, subscriber or policy number, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(I); INCITS 284',
  },
  identifies: 'person',
  patterns: [
    ...near({ word: 'planLabel' }, [
      afterLabel(
        '(?:health ?)?(?:ins(?:urance)? ?policy|health ?plan|plan|ins(?:ur(?:ance|er|ed)?)?\\.?|health ?(?:plan|card)|plan ?member|member(?:ship)?|subscriber|policy ?/ ?member|policy(?: ?holder)?|beneficiary|enrollee|payer|medicaid|medi-cal|medicare|hicn?|hpn|tricare|group|bcbs|aetna|cigna|humana|kaiser|unitedhealthcare|uhc|anthem) ?(?:card ?)?(?:plan ?)?(?:id(?:entification|entifier)?|numbers?|num|no\\.?|#|is|mbr|:|policy)',
      ),
    ]),
    ...near({ word: 'planLabel' }, [
      `(?i)(?-u:\\b)(?:member|subscriber|${PAYER})[ ]?[:(#]?[ ]?[A-Z]{1,4}[0-9]{7,12}(?-u:\\b)`,
    ]),
    ...near({ rows: true }, ['(?-u:\\b)[A-Z]{0,4}-?[0-9]{5,14}(?-u:\\b)', GROUPED_CELL]),
    ...PID_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') return policiesOf(text.text, hit);
      if (/^[A-Z]{0,4}-?\d+$/.test(hit.text)) {
        if (!COLUMN.test(text.labels(hit.start))) return [];
        const value = plainNumber(hit.text);
        return [{ start: hit.start, end: hit.end, value, confidence: 'high', showsHealth: true }];
      }
      if (isGroupedCell(hit)) {
        const cell = groupedCell(hit, text, COLUMN);
        return cell === undefined ? [] : [{ ...cell, confidence: 'high', showsHealth: true }];
      }
      const found = labelledNumber(hit, text, isOfPlan);
      if (found === undefined) return [];
      const value = plainNumber(found.number);
      if (OTHER_COVER.test(text.before(hit.start, 32))) {
        return [{ start: found.start, end: found.end, value, confidence: 'low' }];
      }
      const certain = /health|medica|subscriber|beneficiary|enrollee|hpn|member|medi-cal|tricare/.test(
        found.label,
      );
      return [
        {
          start: found.start,
          end: found.end,
          value,
          confidence: certain ? 'high' : 'medium',
          showsHealth: certain,
        },
      ];
    }),
  mask: maskIdentifier,
};

function isOfPlan(number: string, label: string): boolean {
  // A Medicare number has a format of its own (see us-mbi); only its predecessor is known by the label.
  if (/medicare|hic/.test(label)) return /^\d{9}[A-Z]\d?$/i.test(number);
  // "Policy number HR-204" is a rule of the house.
  return number.length >= 5 && digitsOf(number) >= (label.includes('policy') ? 4 : 3);
}

/** HL7 v2: policy number, insured's ID; Medicare and Medicaid numbers, payor's subscriber and member numbers. */
const HL7_FIELDS: Readonly<Record<string, readonly number[]>> = { IN1: [36, 49], IN2: [6, 8, 25, 26, 61] };

function policiesOf(text: string, hit: Hit): readonly Sighting[] {
  return segmentsOfPatient(text, hit).flatMap((segment) =>
    (HL7_FIELDS[segment.name] ?? []).flatMap((field) =>
      repetitions(text, segment, field).flatMap((repetition): readonly Sighting[] => {
        const [number] = components(text, repetition);
        if (number === undefined) return [];
        const value = plainNumber(text.slice(number.start, number.end));
        if (!/\d{3}/.test(value)) return [];
        return [{ ...number, value, confidence: 'high', showsHealth: true }];
      }),
    ),
  );
}
