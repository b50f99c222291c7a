import type { Detector, Sighting } from './detector.js';
import { compilePatterns, type Hit, type PatternSet } from './patterns.js';
import { SHIPPED } from './registry.js';
import { scannedText } from './scanned-text.js';

/** A sighting with the detector that saw it. */
export interface Span extends Sighting {
  readonly detector: Detector;
}

interface Compiled {
  readonly set: PatternSet;
  /** For each detector the indexes of its patterns in the set. */
  readonly indexes: ReadonlyMap<Detector, readonly number[]>;
}

// Once per thread: compiling takes some milliseconds.
let compiled: Compiled | undefined;

function shipped(): Compiled {
  if (compiled !== undefined) return compiled;
  const sources: string[] = [];
  const indexes = new Map<Detector, readonly number[]>();
  for (const detector of SHIPPED) {
    indexes.set(
      detector,
      detector.patterns.map((source) => {
        const known = sources.indexOf(source);
        return known === -1 ? sources.push(source) - 1 : known;
      }),
    );
  }
  compiled = { set: compilePatterns(sources), indexes };
  return compiled;
}

const CONFIDENCE_ORDER = { low: 0, medium: 1, high: 2 } as const;

/** Runs every shipped detector over one text. Spans of one detector don't overlap. */
export function scan(text: string): readonly Span[] {
  if (text === '') return [];
  const { set, indexes } = shipped();
  const hits = set.search(text);
  const scanned = scannedText(text);
  return SHIPPED.flatMap((detector) => {
    const own: Hit[] = [];
    for (const index of indexes.get(detector) ?? []) own.push(...(hits.get(index) ?? []));
    if (own.length === 0 && detector.patterns.length > 0) return [];
    return withoutOverlaps(detector.judge(own, scanned)).map((sighting) => ({ ...sighting, detector }));
  });
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
