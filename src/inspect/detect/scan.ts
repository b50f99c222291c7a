import { asciiShadow } from './ascii-shadow.js';
import type { Detector, Sighting } from './detector.js';
import { compilePatterns, type PatternSet } from './patterns.js';
import { SHIPPED } from './registry.js';
import { type ScannedText, scannedText } from './scanned-text.js';

/** A sighting with the detector that saw it. */
export interface Span extends Sighting {
  readonly detector: Detector;
}

// Once per thread: compiling takes some milliseconds. One set for each detector, because the engine builds its
// automaton as it reads, and one for all patterns together has more states than its cache holds: ten times slower.
let compiled: ReadonlyMap<Detector, PatternSet> | undefined;

function shipped(): ReadonlyMap<Detector, PatternSet> {
  compiled ??= new Map(SHIPPED.map((detector) => [detector, compilePatterns(detector.patterns)]));
  return compiled;
}

const CONFIDENCE_ORDER = { low: 0, medium: 1, high: 2 } as const;

/** What was seen in one text, and the text as the rules for context read it. */
export interface Scan {
  readonly scanned: ScannedText;
  readonly spans: readonly Span[];
}

/** Runs every shipped detector over one text. Spans of one detector don't overlap. */
export function scan(text: string): Scan {
  const scanned = scannedText(text);
  if (text === '') return { scanned, spans: [] };
  const shadow = asciiShadow(text);
  const spans: Span[] = [];
  for (const [detector, set] of shipped()) {
    const hits = detector.patterns.length === 0 ? [] : [...set.search(text, shadow).values()].flat();
    if (hits.length === 0 && detector.patterns.length > 0) continue;
    for (const sighting of withoutOverlaps(detector.judge(hits, scanned)))
      spans.push({ ...sighting, detector });
  }
  return { scanned, spans };
}

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
