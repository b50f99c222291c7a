import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { plainNumber } from '../labelled-number.js';
import { maskIdentifier } from '../masks.js';
import { isBcPhn, isOhip, isRamq } from '../national-numbers.js';
import { FOUR_THREE_THREE, TEN } from '../number-forms.js';
import { judgeNumber, type NumberRules, startingAt } from '../number-judge.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

const RULES: NumberRules = {
  valid: (value) => isOhip(value) || isBcPhn(value) || isRamq(value),
  context:
    /\b(?:ohip|ramq|pharmanet|health ?card|care ?card|services card|health (?:insurance )?(?:no|num|numbers?|#)|carte[- ]soleil|(?:assurance|carte)[- ]maladie|personal health)\b|\b(?:nam|phn|hcn|msp)\b[^\d\n]{0,12}$|^(?:phn|hcn|nam)$/,
  // A version code in its place is seldom something else.
  alone: (matched) => (/^\d{4}[ -]\d{3}[ -]\d{3}[ -][A-Z]{2}$/.test(matched) ? 'medium' : 'low'),
  showsHealth: true,
  rareForm: (matched) => /^[A-Z]{4} \d{4} \d{4}$/.test(matched),
};

/**
 * Canadian health card numbers. Ontario: ten digits, Luhn, and a version code. British Columbia: ten digits that begin
 * with 9, modulus 11. Quebec: letters of the name, then the date of birth. The other provinces' have no published check
 * digit and count behind their label: 9 digits (Alberta, Saskatchewan, Manitoba, New Brunswick, Yukon, Nunavut), 10
 * (Nova Scotia), 8 (Prince Edward Island, Northwest Territories), 12 (Newfoundland and Labrador). Sources: Ontario
 * Ministry of Health, Health Card Validation Reference Manual; BC Ministry of Health, PHN check digit routine; Régie de
 * l'assurance maladie du Québec; CIHI, Discharge Abstract Database (health care number formats).
 */
export const caHealthCard: Detector = {
  info: {
    name: 'ca-health-card',
    class: 'identifier',
    safeHarbor: 'I-health-plan',
    description: 'Canadian health card number: Ontario, Quebec, British Columbia; other provinces by label',
    source: 'Health Card Validation (Ontario); PHN check digit routine (BC); RAMQ; CIHI number formats',
  },
  identifies: 'person',
  patterns: [
    ...TEN,
    ...FOUR_THREE_THREE,
    // The letters of the name stand before the hit.
    ...near({ mark: 'letter-digit' }, ['[A-Z][0-9]{8}(?-u:\\b)']),
    ...near({ number: [4, 4], total: 8 }, ['(?-u:\\b)[0-9]{4}[ -][0-9]{4}(?-u:\\b)']),
    ...near({ word: 'nationalLabel' }, [
      '(?i)(?-u:\\b)(?:phn|phin|ahcip|uli|mcp|msi|personal health(?: identification)?(?: (?:numbers?|no\\.?))?|(?:alberta|manitoba|saskatchewan|nova scotia|new brunswick|nunavut|yukon|prince edward island|pei|newfoundland(?: and labrador)?|northwest territories|nwt) (?:personal )?health ?(?:care|services|insurance)?(?: ?card)?)(?:[ \\t]{0,2}(?:numbers?|num|no\\.?|id|is|[#:=(-])){0,3}[ \\t]{0,2}[A-Z]?[0-9]{3,12}(?:[ -][0-9]{3,5}){0,3}(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (/^[A-Z]\d{8}$/.test(hit.text)) return judgeWithLetters(hit, 3, text);
      if (/^\d{4}[ -]\d{4}$/.test(hit.text)) return judgeWithLetters(hit, 5, text);
      if (/^[A-Za-z]/.test(hit.text)) return judgeLabelled(hit, text);
      const version =
        /^[ -]?[A-Z]{1,2}(?![A-Za-z0-9])/.exec(text.text.slice(hit.end, hit.end + 4))?.[0] ?? '';
      const end = hit.end + version.length;
      const whole = { start: hit.start, end, text: text.text.slice(hit.start, end) };
      return [judgeNumber(RULES, whole, text) ?? judgeNumber(RULES, hit, text) ?? []].flat();
    }),
  mask: maskIdentifier,
};

function judgeWithLetters(hit: Hit, missing: number, text: ScannedText): readonly Sighting[] {
  const start = hit.start - missing;
  if (start < 0 || !/^[A-Z]+[ -]?$/.test(text.text.slice(start, hit.start))) return [];
  return [judgeNumber(RULES, startingAt(hit, start, text), text) ?? []].flat();
}

function judgeLabelled(hit: Hit, { text }: ScannedText): readonly Sighting[] {
  const number = /[A-Z]?\d{3,12}(?:[ -]\d{3,5}){0,3}$/i.exec(hit.text)?.[0] ?? '';
  const value = plainNumber(number);
  if (!/^(?:[A-Z]\d{7}|\d{8,10}|\d{12})$/.test(value) || /^[\w-]/.test(text.slice(hit.end, hit.end + 1))) {
    return [];
  }
  const start = hit.end - number.length;
  return [{ start, end: hit.end, value, confidence: 'high', showsHealth: true }];
}
