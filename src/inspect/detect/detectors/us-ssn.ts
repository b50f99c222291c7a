import type { Confidence } from '../../../model/inspection.js';
import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { PID_PATTERNS, pidField } from '../hl7-segment.js';
import { maskIdentifier } from '../masks.js';
import { NINE } from '../number-forms.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';

const CONTEXT =
  /\b(?:ssns?|ss ?#|ss ?no|s\.s\.n|soc(?:ial)?[ -]?sec(?:urity)?|social|taxpayer|tin|last four|usssa)\b|ss#/;
const SUPPRESSING =
  /\b(?:order|invoice|tracking|ticket|part|item|sku|serial|isbn|case|confirmation|reference|ref|build|po|rma|model|batch|lot|account|acct|mrn|npi|phone|fax|routing|meeting|passcode|gtin|upc|vin|commit|dun|duns|ein)\b[^\n]{0,16}$/;

/** Root of the identifier in documents of HL7 v3, C-CDA among them (HL7 OID registry: `SSN`). */
const OID = '2\\.16\\.840\\.1\\.113883\\.4\\.1';
const DIGITS = '[0-9]{3}[- ]?[0-9]{2}[- ]?[0-9]{4}';

/**
 * US social security numbers: area 001-899 without 666, group 01-99, serial 0001-9999.
 * Source: Social Security Administration, "Social Security Number Randomization" (2011) and POMS RM 10201.035; the
 * numbers of advertisements that SSA declared invalid (078-05-1120, 219-09-9999) are left out.
 */
export const usSsn: Detector = {
  info: {
    name: 'us-ssn',
    class: 'identifier',
    safeHarbor: 'G-ssn',
    description: 'US social security number, with or without dashes',
    source:
      'Social Security Administration: SSN randomization (2011), POMS RM 10201.035; HL7 OID 2.16.840.1.113883.4.1',
  },
  identifies: 'person',
  patterns: [
    ...near({ number: [3, 3], total: 9 }, [
      '(?-u:\\b)[0-9]{3}(?: ?- ?| |\\.)[0-9]{2}(?: ?- ?| |\\.)[0-9]{4}(?-u:\\b)',
    ]),
    ...NINE,
    ...near({ number: [1, 1], total: 9 }, ['(?-u:\\b)[0-9](?:[ ._-][0-9]){8}(?-u:\\b)']),
    ...PID_PATTERNS,
    ...near({ literal: 'root=' }, [
      `root=["']${OID}["'][^<>]{0,120}?extension=["'][ ]{0,4}${DIGITS}(?-u:\\b)`,
    ]),
    ...near({ literal: 'extension=' }, [
      `extension=["'][ ]{0,4}${DIGITS}[ ]{0,4}["'][^<>]{0,120}?root=["']${OID}["']`,
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      if (hit.text === 'PID|') {
        const field = pidField(text.text, hit, 19);
        const value = field && text.text.slice(field.start, field.end).replace(/\D/g, '');
        return field && value?.length === 9 && isIssuable(value)
          ? [{ ...field, value, confidence: 'high' }]
          : [];
      }
      if (/^(?:root|extension)=/.test(hit.text)) return identifierOf(hit);
      const digits = hit.text.replace(/\D/g, '');
      if (!isIssuable(digits) || isInsideLongerNumber(text.text, hit.start, hit.end)) return [];
      const confidence = rate(hit.text, hit.start, hit.end, text);
      if (confidence === undefined) return [];
      // With blanks or points between its groups it is one as likely as not; a word such as "order" says it isn't.
      const rareForm = /^\d{3}[ .]\d/.test(hit.text) && !SUPPRESSING.test(text.before(hit.start, 48));
      return [{ start: hit.start, end: hit.end, value: digits, confidence, rareForm }];
    }),
  mask: maskIdentifier,
};

/** `<id root="…" extension="…"/>`, in either order of its attributes. */
function identifierOf(hit: Hit): readonly Sighting[] {
  const found = /extension=["'] {0,4}([\d -]{9,11})/.exec(hit.text);
  const written = found?.[1]?.trimEnd() ?? '';
  const value = written.replace(/\D/g, '');
  if (found === null || value.length !== 9 || !isIssuable(value)) return [];
  const start = hit.start + found.index + found[0].indexOf(found[1] ?? '');
  return [{ start, end: start + written.length, value, confidence: 'high' }];
}

function isIssuable(digits: string): boolean {
  const area = digits.slice(0, 3);
  if (area === '000' || area === '666' || area >= '900') return false;
  if (digits.slice(3, 5) === '00' || digits.slice(5) === '0000') return false;
  return digits !== '078051120' && digits !== '219099999' && !/^(\d)\1{8}$/.test(digits);
}

function isInsideLongerNumber(text: string, start: number, end: number): boolean {
  return (
    /[\d.-]$/.test(text.slice(Math.max(0, start - 1), start)) ||
    /^(?:[.-]?\d|-)/.test(text.slice(end, end + 2))
  );
}

function rate(matched: string, start: number, end: number, text: ScannedText): Confidence | undefined {
  const before = text.before(start, 48);
  const grouped = /^\d{3}\D/.test(matched);
  const context =
    CONTEXT.test(before) || CONTEXT.test(text.after(end, 24)) || CONTEXT.test(text.labels(start));
  if (context) return 'high';
  if (!grouped) return undefined;
  if (SUPPRESSING.test(before)) return 'low';
  return matched.includes('-') ? 'medium' : 'low';
}
