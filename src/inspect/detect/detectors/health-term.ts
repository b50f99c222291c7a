import type { Confidence } from '../../../model/inspection.js';
import type { Detector } from '../detector.js';
import { type HealthKind, healthKindByEnding } from '../health-morphology.js';
import type { ScannedText } from '../scanned-text.js';
import { type TermHit, type TermMatcher, termMatcher } from '../term-matcher.js';
import { healthTerms } from '../vocabulary.js';

const DOSE =
  /^[ \n]{0,2}\d{1,5}(?:[.,]\d{1,3})? ?(?:mg|mcg|g|ml|units?|iu|meq|%|mmol|tablets?|tabs?|puffs?)\b/;
const DIAGNOSED =
  /\b(?:diagnos(?:ed|is)|dx|hx|history of|suffers? from|treated for|positive for|s\/p)\b[^.;\n]{0,24}$/;

const DIAGNOSED_REACH = 44;

let matcher: TermMatcher<HealthKind> | undefined;

function vocabulary(): TermMatcher<HealthKind> {
  matcher ??= termMatcher(healthTerms(), healthKindByEnding);
  return matcher;
}

/**
 * Words of health care: conditions, drugs, procedures, tests. Ambiguous everyday words are found with low confidence
 * and never count alone. Source: a vocabulary of our own (`vocabulary/*.txt`).
 */
export const healthTerm: Detector = {
  info: {
    name: 'health-term',
    class: 'health',
    description: 'Condition, drug, procedure or laboratory test, from the shipped vocabulary',
    source: "Sallyport's own vocabulary; drug stems after the WHO INN programme",
  },
  patterns: [],
  judge: (_hits, text) => {
    const places = text.words('term');
    if (places.length === 0) return [];
    return vocabulary()
      .find(text.text, places, text.wide(0, text.text.length))
      .map((hit) => ({
        start: hit.start,
        end: hit.end,
        value: hit.term,
        confidence: rate(hit, text),
      }));
  },
  mask: () => '(health term)',
};

function rate(hit: TermHit<HealthKind>, text: ScannedText): Confidence {
  if (hit.kind === 'weak') return 'low';
  if (hit.kind === 'drug' && DOSE.test(text.after(hit.end, 16))) return 'high';
  if (!text.hasWord('diagnosed', hit.start - DIAGNOSED_REACH, hit.start)) return 'medium';
  return DIAGNOSED.test(text.before(hit.start, DIAGNOSED_REACH)) ? 'high' : 'medium';
}
