import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { passesIbanCheck } from '../weighted-checks.js';

/** Characters of an IBAN, by country. */
const LENGTHS: Readonly<Record<string, number>> = Object.fromEntries(
  (
    'NO15 BE16 BI27 DK18 FI18 FK18 FO18 GL18 NL18 SD18 MK19 SI19 AT20 BA20 EE20 KZ20 LT20 LU20 MN20 XK20 CH21 HR21 ' +
    'LI21 LV21 BG22 BH22 CR22 DE22 GB22 GE22 IE22 ME22 RS22 VA22 AE23 GI23 IL23 IQ23 OM23 SO23 TL23 AD24 CZ24 DZ26 ' +
    'ES24 MD24 PK24 RO24 SA24 SE24 SK24 TN24 VG24 LY25 PT25 ST25 IS26 TR26 FR27 GR27 IT27 MC27 MR27 SM27 DJ27 AL28 ' +
    'AZ28 BY28 CY28 DO28 GT28 HN28 HU28 LB28 NI28 PL28 UA29 EG29 PS29 QA29 KW30 BR29 JO30 MU30 YE30 MT31 SC31 LC32 RU33'
  )
    .split(' ')
    .map((entry) => [entry.slice(0, 2), Number(entry.slice(2))] as const),
);
const LONGEST = 48;

/**
 * International bank account numbers: the length that the country has registered, and the two check digits. Bills
 * of organisations carry them, so one is a patient's only where the text says so.
 * Source: ISO 13616-1; SWIFT, "IBAN Registry".
 */
export const iban: Detector = {
  info: {
    name: 'iban',
    class: 'financial',
    safeHarbor: 'J-account',
    description: 'International bank account number with valid check digits',
    source: 'ISO 13616-1; SWIFT IBAN Registry',
  },
  identifies: 'contact',
  // Found at the letter before the check digits.
  patterns: [
    ...near({ mark: 'letter-digit' }, ['[A-Z][0-9]{2}(?:[ -]?[A-Z0-9]{4}){2}[ -]?[A-Z0-9]']),
    ...near({ word: 'bankLabel' }, [
      '(?i)(?-u:\\b)iban[ \\t]{0,2}(?:no\\.?|number|is|#)?[ \\t:=]{0,4}[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]{4}){2}',
    ]),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const labelled = /^iban/i.test(hit.text);
      const start = labelled ? hit.end - (IBAN_START.exec(hit.text)?.[0].length ?? 0) : hit.start - 1;
      if (start < 0 || /[A-Za-z0-9]/.test(text.text.charAt(start - 1))) return [];
      const end = endOf(text.text, start);
      if (end === undefined) return [];
      const value = text.text.slice(start, end).replace(/[ -]/g, '').toUpperCase();
      if (!passesIbanCheck(value)) return [];
      return [{ start, end, value, confidence: 'high', ofPatient: isOwnedByPatient(text, start, end) }];
    }),
  mask: maskIdentifier,
};

const IBAN_START = /[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2}$/i;

/** Behind the last character that an IBAN beginning at `start` has, if the text goes on for so long. */
function endOf(text: string, start: number): number | undefined {
  const country = text.slice(start, start + 2).toUpperCase();
  let wanted = Object.hasOwn(LENGTHS, country) ? LENGTHS[country] : undefined;
  if (wanted === undefined) return undefined;
  for (let at = start; at < start + LONGEST; at++) {
    const character = text.charAt(at);
    if (/[A-Za-z0-9]/.test(character)) wanted--;
    else if (!/[ -]/.test(character)) return undefined;
    if (wanted === 0) return /[A-Za-z0-9]/.test(text.charAt(at + 1)) ? undefined : at + 1;
  }
  return undefined;
}
