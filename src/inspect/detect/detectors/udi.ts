import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import type { Hit } from '../patterns.js';
import type { ScannedText } from '../scanned-text.js';
import { passesGtin14, passesHibc } from '../weighted-checks.js';

const CONTEXT = /\b(?:udis?|unique device|device identifier|implant(?:ed|s)?|hibc|isbt|iccbba|gudid)\b/;
const SHIPMENT = /\b(?:pallet|carton|shipment|sscc|order|gtin)\b[^\n]{0,24}$/;

/**
 * Unique device identifiers in the forms of the three agencies that issue them in the United States: GS1 (a GTIN with
 * its check digit behind application identifier 01, then date, lot and serial number), HIBCC (a HIBC structure with its
 * check character) and ICCBBA (ISBT 128).
 * Source: 21 CFR 801.20 and 830.20; FDA, "UDI formats by FDA-accredited issuing agency"; GS1 General Specifications;
 * ANSI/HIBC 2.6; ICCBBA ST-001.
 */
export const udi: Detector = {
  info: {
    name: 'udi',
    class: 'identifier',
    safeHarbor: 'M-device',
    description: 'Unique device identifier (GS1, HIBCC or ICCBBA)',
    source: '21 CFR 830.20; GS1 General Specifications; ANSI/HIBC 2.6; ICCBBA ST-001',
  },
  identifies: 'contact',
  patterns: [
    ...near({ literal: '(01)' }, [
      '\\(01\\)[ ]?[0-9]{14}(?:[ ]?\\((?:1[0-9]|2[0-2]|24[01]|7003)\\)[ ]?[A-Z0-9./_-]{1,20}){0,6}',
    ]),
    ...near({ word: 'deviceLabel' }, [
      '(?i)(?-u:\\b)(?:udi|device[ ]identifier)(?:[ ]?(?:-di|di|no\\.?|number|is|#)){0,2}[ :=]{0,4}01[0-9]{14}(?:1[17][0-9]{6})?(?:(?:10|21)[A-Z0-9./_-]{1,20})?(?-u:\\b)',
    ]),
    ...near({ literal: '+' }, [
      '\\+[A-Z][A-Z0-9]{3}[A-Z0-9]{1,18}[0-9](?:/[A-Z0-9$+.-]{4,40}){0,3}[A-Z0-9. $/+%-]?',
    ]),
    ...near({ literal: '=/' }, ['=/[A-Z0-9]{11}[A-Z][0-9]{4}(?:(?:=,|=>|=\\x7d|&,1|=)[A-Z0-9]{6,18}){0,4}']),
  ],
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const found = read(hit, text);
      if (found === undefined) return [];
      const { end, value, confidence } = found;
      const ofPatient = isOwnedByPatient(text, hit.start, end);
      return [{ start: found.start, end, value, confidence, ofPatient }];
    }),
  mask: maskIdentifier,
};

function read(hit: Hit, text: ScannedText): Sighting | undefined {
  const context = CONTEXT.test(text.before(hit.start, 48));
  const start = hit.start;
  if (hit.text.startsWith('(01)')) {
    if (!passesGtin14(hit.text.slice(4).trimStart().slice(0, 14))) return undefined;
    // A bare GTIN is a kind of goods; a lot or serial number makes it one device.
    const unit = /\((?:10|11|17|21)\)/.test(hit.text);
    const confidence = context || (unit && !SHIPMENT.test(text.before(start, 32))) ? 'high' : 'low';
    const written = hit.text.replace(/[./_-]+$/, '');
    return { start, end: start + written.length, value: written.replaceAll(' ', ''), confidence };
  }
  if (/^\w/.test(hit.text)) {
    const written = /01\d{14}.*$/.exec(hit.text)?.[0] ?? '';
    if (!passesGtin14(written.slice(2, 16))) return undefined;
    return { start: hit.end - written.length, end: hit.end, value: written, confidence: 'high' };
  }
  if (hit.text.startsWith('=/')) {
    const confidence = context ? 'high' : hit.text.length > 18 ? 'medium' : 'low';
    return { start, end: hit.end, value: hit.text, confidence };
  }
  // The last character may be punctuation of the sentence: the check character decides.
  for (const written of [hit.text, hit.text.slice(0, -1)]) {
    if (!passesHibc(written) || /[ ]$/.test(written)) continue;
    if (!context && !written.includes('/')) continue;
    return { start, end: start + written.length, value: written, confidence: context ? 'high' : 'medium' };
  }
  return undefined;
}
