import { near } from '../clue.js';
import type { Detector, Sighting } from '../detector.js';
import { maskIdentifier } from '../masks.js';
import { isOwnedByPatient } from '../owner-cue.js';
import { STATE } from '../us-states.js';

/** Plates of laboratories, surgeons and printers. */
const OTHER_PLATE =
  /\b(?:well|agar|petri|culture|elisa|pcr|assay|micro(?:titer|titre)?|steel|dental|bone|growth|name|face|hot|back|base|end|blood|titanium|locking|fixation|cortical|plate|sample|asset|price|service|ear|patient|hang|blue|mcm)[ -]$/;
/** What says that a plate is a vehicle's: the vehicle, or a state in capitals. */
const VEHICLE =
  /\b(?:car|vehicle|truck|pickup|van|suv|sedan|minivan|motorcycle|parked|parking|driv(?:es|ing|en|er)|lic(?:en[cs]e)?)\b[^\n.;]{0,24}$|\blic\. ?$/;
const STATE_BEFORE = new RegExp(`\\b${STATE} $`);

const VALUE = /[A-Z0-9]{1,8}(?:[ -][A-Z0-9]{1,5})?$/i;

/**
 * Licence plates of vehicles, known by their label: two to eight letters and digits.
 * Source: 45 CFR 164.514(b)(2)(i)(L); AAMVA, "License Plate Standard".
 */
export const licencePlate: Detector = {
  info: {
    name: 'licence-plate',
    class: 'identifier',
    safeHarbor: 'L-vehicle',
    description: 'Licence plate of a vehicle, known by its label',
    source: '45 CFR 164.514(b)(2)(i)(L); AAMVA License Plate Standard',
  },
  identifies: 'contact',
  patterns: near({ word: 'governmentLabel' }, [
    '(?i)(?-u:\\b)(?:licen[cs]e[ ](?:plates?|tag)|(?:vehicle|car|registration)[ ](?:plates?|tag|reg(?:istration)?(?-u:\\b)\\.?)|plates?|tags?)(?:[ \\t]{0,2}(?:numbers?|num|no\\.?|nr\\.?|is|was|reads|[#:=])){0,3}[ \\t]{0,3}[A-Z0-9]{1,8}(?:[ -][A-Z0-9]{1,5})?(?-u:\\b)',
  ]),
  judge: (hits, text) =>
    hits.flatMap((hit): readonly Sighting[] => {
      const written = plateIn(hit.text);
      if (written === undefined) return [];
      const bare = /^(?:plate|tag)/i.test(hit.text);
      const labelled = /^plates?[ \t]{0,2}(?:numbers?|num|no\b|nr\b|#|:)/i.test(hit.text);
      const before = text.before(hit.start, 40);
      const lettered = /[A-Z]/i.test(written.text);
      if (bare && (OTHER_PLATE.test(before) || !lettered)) return [];
      if (bare && !labelled && !VEHICLE.test(before) && !STATE_BEFORE.test(capitals(text.text, hit.start)))
        return [];
      const start = hit.start + written.at;
      const end = start + written.text.length;
      const value = written.text.replace(/[ -]/g, '').toUpperCase();
      const ofPatient = isOwnedByPatient(text, start, end);
      return [{ start, end, value, confidence: bare ? 'medium' : 'high', ofPatient }];
    }),
  mask: maskIdentifier,
};

function capitals(text: string, end: number): string {
  return text.slice(Math.max(0, end - 4), end);
}

/** The plate at the end of a hit: it has a digit, and isn't a word. */
function plateIn(hit: string): { readonly at: number; readonly text: string } | undefined {
  const whole = VALUE.exec(hit)?.[0];
  if (whole === undefined) return undefined;
  const [first = '', second] = whole.split(/[ -]/);
  // "plate is registered", "plate ABC 1234": a word before the number belongs to the sentence.
  const text = second !== undefined && /^(?:numbers?|num|no|nr|is|was|reads)$/i.test(first) ? second : whole;
  const significant = text.replace(/[^A-Za-z0-9]/g, '');
  if (!/\d/.test(significant) || significant.length < 4 || significant.length > 8) return undefined;
  return { at: hit.length - text.length, text };
}
