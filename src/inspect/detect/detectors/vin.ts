import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { passesVin } from '../weighted-checks.js';

const LENGTH = 17;
const CONTEXT = /\b(?:vins?|vehicle|chassis|car|truck|automobile|auto|title|registration)\b[^\n]{0,48}$/;
const OTHER =
  /\b(?:tracking|serial|order|container|token|key|hash|ups|part|sku|uuid|license key)\b[^\n]{0,20}$/;

/**
 * Vehicle identification numbers: seventeen characters without I, O and Q. Those of North America (1 to 5) have a
 * check digit in the ninth place; others are known by the words before alone.
 * Source: ISO 3779; 49 CFR 565.15.
 */
export const vin: Detector = {
  info: {
    name: 'vin',
    class: 'identifier',
    safeHarbor: 'L-vehicle',
    description: 'Vehicle identification number',
    source: 'ISO 3779; 49 CFR 565.15; 45 CFR 164.514(b)(2)(i)(L)',
  },
  identifies: 'contact',
  patterns: [
    // Found by a letter before a digit, which every such number has somewhere.
    ...near({ mark: 'letter-digit' }, ['[A-HJ-NPR-Z][0-9]{1,16}']),
    ...near({ word: 'governmentLabel' }, [
      '(?i)(?-u:\\b)vin[ \\t]{0,2}(?:no\\.?|number|is|#)?[ \\t:=]{0,4}[A-HJ-NPR-Z0-9]{17}(?-u:\\b)',
    ]),
  ],
  judge: (hits, text) => {
    const found: Sighting[] = [];
    let read = -1;
    for (const hit of hits) {
      const isLabelled = /^vin/i.test(hit.text);
      if (!isLabelled && hit.start < read) continue;
      const start = isLabelled ? hit.end - LENGTH : wordStart(text.text, hit.start);
      const word = text.text.slice(start, start + LENGTH + 1);
      // Labelled ones come apart from the others: what lies before one of them may be still to be read.
      if (!isLabelled) read = start + (/^[A-Za-z0-9]*/.exec(word)?.[0].length ?? 0);
      if (!/^[A-HJ-NPR-Z0-9]{17}(?![A-Za-z0-9])/i.test(word)) continue;
      const value = word.slice(0, LENGTH).toUpperCase();
      if (!/\d.*[A-Z]|[A-Z].*\d/.test(value) || !/\d{2}$/.test(value)) continue;
      const before = text.before(start, 64);
      const context = CONTEXT.test(before);
      const american = /^[1-5]/.test(value);
      if (american ? !passesVin(value) : !context) continue;
      const confidence =
        american && context ? 'high' : context ? 'medium' : OTHER.test(before) ? 'low' : 'medium';
      const end = start + LENGTH;
      found.push({ start, end, value, confidence, ofPatient: isOwnedByPatient(text, start, end) });
    }
    return found;
  },
  mask: maskIdentifier,
};

/** Where the run of letters and digits begins that a place lies in; not further back than a VIN is long. */
function wordStart(text: string, at: number): number {
  let start = at;
  while (start > 0 && at - start <= LENGTH && /[A-Za-z0-9]/.test(text.charAt(start - 1))) start--;
  return start;
}
