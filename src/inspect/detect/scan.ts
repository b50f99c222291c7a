import { asciiShadow } from './ascii-shadow.js';
import type { Detector, Sighting } from './detector.js';
import type { Hit } from './patterns.js';
import { SHIPPED } from './registry.js';
import { type ScannedText, scannedText } from './scanned-text.js';
import { NO_OWN_DETECTORS, type OwnDetectors } from './settings.js';
import { searchShipped } from './shipped-search.js';
import { textClues } from './text-clues.js';

/** A sighting with the detector that saw it. */
export interface Span extends AllOf<Sighting> {
  readonly detector: Detector;
}

/** With every property there: objects of one shape are read several times as fast. */
type AllOf<T> = { readonly [K in keyof Required<T>]: T[K] };

const CONFIDENCE_ORDER = { low: 0, medium: 1, high: 2 } as const;

/** What was seen in one text, and the text as the rules for context read it. */
export interface Scan {
  readonly scanned: ScannedText;
  readonly spans: readonly Span[];
}

/**
 * Runs every shipped detector, and an organisation's own, over one text. Spans of one detector don't overlap.
 * @param clues those of the text, where they are known
 */
export function scan(
  text: string,
  own: OwnDetectors = NO_OWN_DETECTORS,
  clues = textClues(asciiShadow(text)),
): Scan {
  const scanned = scannedText(text, clues);
  const spans: Span[] = [];
  if (text === '') return { scanned, spans };
  const hits = searchShipped(scanned, clues);
  for (let i = 0; i < SHIPPED.length; i++) {
    const detector = SHIPPED[i];
    const found = hits[i];
    if (detector !== undefined && (found !== undefined || UNASKED[i] === true))
      judge(detector, found ?? NONE, scanned, spans);
  }
  for (const detector of own.detectors) {
    const found = own.search(detector, scanned, clues.shadow);
    if (found.length > 0 || isUnasked(detector)) judge(detector, found, scanned, spans);
  }
  return { scanned, spans };
}

const NONE: readonly Hit[] = [];

function isUnasked({ patterns, unasked }: Detector): boolean {
  return patterns.length === 0 || unasked === true;
}

const UNASKED = SHIPPED.map(isUnasked);

function judge(detector: Detector, hits: readonly Hit[], text: ScannedText, spans: Span[]): void {
  const sightings = detector.judge(hits, text);
  for (const sighting of sightings.length < 2 ? sightings : withoutOverlaps(sightings))
    spans.push({
      detector,
      start: sighting.start,
      end: sighting.end,
      confidence: sighting.confidence,
      value: sighting.value,
      masked: sighting.masked,
      ofPatient: sighting.ofPatient,
      showsHealth: sighting.showsHealth,
      ofProfessional: sighting.ofProfessional,
      rareForm: sighting.rareForm,
    });
}

/** Of overlapping sightings the surer stays, then the longer, then the earlier. In text order. */
function withoutOverlaps(sightings: readonly Sighting[]): readonly Sighting[] {
  if (areApart(sightings)) return sightings;
  const sorted = sightings.toSorted((a, b) => a.start - b.start || b.end - a.end);
  const kept: Sighting[] = [];
  for (const sighting of sorted) {
    const previous = kept.at(-1);
    if (previous === undefined || previous.end <= sighting.start) {
      kept.push(sighting);
      continue;
    }
    const surer = CONFIDENCE_ORDER[sighting.confidence] - CONFIDENCE_ORDER[previous.confidence];
    if (surer > 0 || (surer === 0 && sighting.end - sighting.start > previous.end - previous.start)) {
      kept[kept.length - 1] = sighting;
    }
  }
  return kept;
}

function areApart(sightings: readonly Sighting[]): boolean {
  let end = 0;
  for (const sighting of sightings) {
    if (sighting.start < end) return false;
    end = sighting.end;
  }
  return true;
}
