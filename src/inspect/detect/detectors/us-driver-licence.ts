import { near, nearInAnyCase } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { components, PID_PATTERNS, repetitions, segmentsOfPatient } from '../hl7-message.js';
import { plainNumber } from '../labelled-number.js';
import { isLicenceNumber } from '../licence-formats.js';
import { maskIdentifier } from '../masks.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { STATE, STATE_NAME, stateOf } from '../us-states.js';

const LICENCE =
  '(?:driv(?:er\\x27?s?\\x27?|ing)[ -]{0,2}(?:licen[cs]es?|lic\\.?|permit|id)|operator\\x27?s?[ ]licen[cs]e|(?:dl|d\\.l\\.)[ ]?(?:numbers?|num|no\\.?|nr\\.?|#|:)|dln|dl)';
const FILLER = '(?:[ \\t]{0,3}(?:numbers?|num|no\\.?|nr\\.?|is|was|[#:=-])){0,4}[ \\t]{0,3}';
/** The state may stand between the label and the number: "DL# (FL) …", "driver license number WA …". */
const STATE_BETWEEN = `(?:(?:\\(${STATE}\\)|${STATE}(?:[ ]|:|#|-))[ \\t]{0,2}(?:[#:-][ \\t]{0,2})?)?`;
const NUMBER = '[A-Z0-9*]{1,19}(?:-[A-Z0-9]{1,9}|[ ][0-9]{2,6}){0,5}';

/** A state behind the number: "DL RS204418 (OH)". */
const STATE_AFTER = new RegExp(`^ ?\\((${STATE})\\)`, 'i');

const LABEL_PART = new RegExp(`^${LICENCE}${FILLER}`, 'i');
const STATE_PART = new RegExp(
  `^(?:\\((${STATE})\\)|(${STATE})(?:[ ]|:|#|-))[ \\t]{0,2}(?:[#:-][ \\t]{0,2})?`,
  'i',
);
const STATE_BEFORE = new RegExp(`\\b(${STATE}|${STATE_NAME})(?: state)? $`, 'i');

/**
 * Driver's licences of the United States: a label, and a number of a form that the state named beside it issues, or
 * any state where none is named; also HL7 v2 PID-20.
 * Source: 45 CFR 164.514(b)(2)(i)(K); AAMVA DL/ID Card Design Standard (customer identifier), and the states' forms.
 */
export const usDriverLicence: Detector = {
  info: {
    name: 'us-driver-licence',
    class: 'identifier',
    safeHarbor: 'K-certificate-licence',
    description: "US driver's licence number, by its label and the state's form",
    source: '45 CFR 164.514(b)(2)(i)(K); AAMVA DL/ID Card Design Standard; HL7 v2 PID-20',
  },
  identifies: 'person',
  patterns: [
    ...near({ word: 'governmentLabel' }, [`(?i)(?-u:\\b)${LICENCE}${FILLER}${STATE_BETWEEN}${NUMBER}`]),
    ...nearInAnyCase('d.l.', [`(?i)(?-u:\\b)${LICENCE}${FILLER}${STATE_BETWEEN}${NUMBER}`]),
    ...PID_PATTERNS,
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') return fromHl7(text, hit);
      const label = LABEL_PART.exec(hit.text.replaceAll('’', "'"))?.[0].length ?? 0;
      const between = STATE_PART.exec(hit.text.slice(label));
      const outside = STATE_BEFORE.exec(text.before(hit.start, 24))?.[1];
      const behind = STATE_AFTER.exec(text.text.slice(hit.end, hit.end + 8))?.[1];
      const named = between?.[1] ?? between?.[2] ?? outside ?? behind;
      // "mg/dl 120", a flight of Delta's: without a state or number word the two letters are much else.
      if (named === undefined && BARE.test(hit.text)) return [];
      const found = numberIn(
        hit,
        label,
        between?.[0].length ?? 0,
        named === undefined ? undefined : stateOf(named),
      );
      return found === undefined ? [] : [found];
    }),
  mask: maskIdentifier,
};

/** The two letters alone. */
const BARE = /^dl[ \t]+(?![ \t]|numbers?|num|no\b|nr\b|[#:])/i;

/** The number behind label and state: with as many of the groups of digits that follow it as make one. */
function numberIn(hit: Hit, label: number, between: number, state: string | undefined): Sighting | undefined {
  const from = label + between;
  const whole = hit.text.slice(from);
  for (let written = whole; written !== ''; written = withoutLastGroup(written)) {
    const value = plainNumber(written);
    // What is cut out of a longer row of groups is long enough to be no part of something else.
    const isCut = written !== whole && written.includes(' ');
    if (value.length < (isCut ? LEAST_CUT : LEAST) || !/\d{2}/.test(value)) continue;
    const start = hit.start + from;
    const place = { start, end: start + written.length, value };
    if (isLicenceNumber(value, state))
      return { ...place, confidence: state === undefined ? 'medium' : 'high' };
  }
  return undefined;
}

const LEAST = 5;
const LEAST_CUT = 7;

function withoutLastGroup(written: string): string {
  return written.slice(0, Math.max(0, written.lastIndexOf(' ')));
}

function fromHl7(text: ScannedText, hit: Hit): readonly Sighting[] {
  const [segment] = segmentsOfPatient(text.text, hit);
  if (segment === undefined) return [];
  return repetitions(text.text, segment, 20).flatMap((repetition): readonly Sighting[] => {
    const [number] = components(text.text, repetition);
    if (number === undefined) return [];
    const value = plainNumber(text.text.slice(number.start, number.end));
    return /\d{3}/.test(value) ? [{ ...number, value, confidence: 'high' }] : [];
  });
}
