import { asciiShadow } from './ascii-shadow.js';
import type { Detector, Sighting } from './detector.js';
import type { Hit } from './patterns.js';
import { SHIPPED } from './registry.js';
import { type ScannedText, scannedText } from './scanned-text.js';
import { NO_OWN_DETECTORS, type OwnDetectors } from './settings.js';
import { searchShipped } from './shipped-search.js';
import { textClues } from './text-clues.js';

/** A sighting with the detector that saw it. */
export interface Span extends Sighting {
  readonly detector: Detector;
}

const CONFIDENCE_ORDER = { low: 0, medium: 1, high: 2 } as const;

/** What was seen in one text, and the text as the rules for context read it. */
export interface Scan {
  readonly scanned: ScannedText;
  readonly spans: readonly Span[];
}

/** Runs every shipped detector, and an organisation's own, over one text. Spans of one detector don't overlap. */
export function scan(text: string, own: OwnDetectors = NO_OWN_DETECTORS): Scan {
  const shadow = asciiShadow(text);
  const clues = textClues(shadow);
  const scanned = scannedText(text, clues);
  if (text === '') return { scanned, spans: [] };
  const hits = searchShipped(scanned, clues);
  const spans: Span[] = [];
  const judge = (detector: Detector, found: readonly Hit[] = NONE) => {
    if (found.length === 0 && detector.patterns.length > 0 && detector.unasked !== true) return;
    for (const sighting of withoutOverlaps(detector.judge(found, scanned)))
      spans.push({ ...sighting, detector });
  };
  for (const detector of SHIPPED) judge(detector, hits.get(detector));
  for (const detector of own.detectors) judge(detector, own.search(detector, scanned, shadow));
  return { scanned, spans };
}

const NONE: readonly Hit[] = [];

/** Of overlapping sightings the surer stays, then the longer, then the earlier. In text order. */
function withoutOverlaps(sightings: readonly Sighting[]): readonly Sighting[] {
  const sorted = [...sightings].sort((a, b) => a.start - b.start || b.end - a.end);
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
