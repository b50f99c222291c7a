import { randomUUID } from 'node:crypto';
import { compileCustom } from './custom/compile.js';
import type { CustomDetector } from './custom/types.js';
import type { Detector } from './detector.js';
import { compilePatterns, type Hit, type PatternSet } from './patterns.js';
import { rosterDetector } from './roster/detector.js';
import type { RosterTable } from './roster/types.js';
import type { ScannedText } from './scanned-text.js';

/** What an organisation detects beside the shipped detectors. Plain data: it goes to the inspecting threads. */
export interface DetectionSettings {
  /** Threads compile settings once for each. */
  readonly id: string;
  readonly detectors: readonly CustomDetector[];
  readonly rosters: readonly RosterTable[];
}

export const NO_SETTINGS: DetectionSettings = { id: 'none', detectors: [], rosters: [] };

/** Settings under an id of their own. */
export function detectionSettings(
  detectors: readonly CustomDetector[],
  rosters: readonly RosterTable[],
): DetectionSettings {
  if (detectors.length === 0 && rosters.length === 0) return NO_SETTINGS;
  return { id: randomUUID(), detectors, rosters };
}

/** Detectors of an organisation's own, compiled. */
export interface OwnDetectors {
  readonly detectors: readonly Detector[];
  readonly search: (detector: Detector, text: ScannedText, shadow: string) => readonly Hit[];
  /** Gives back the memory of the pattern engine. */
  readonly dispose: () => void;
}

/** @throws PatternSyntaxError for patterns that weren't checked */
export function compileSettings({ detectors, rosters }: Omit<DetectionSettings, 'id'>): OwnDetectors {
  const custom = compileCustom(detectors);
  const others = rosters.length === 0 ? [] : [rosterDetector(rosters)];
  const sets = new Map<Detector, PatternSet>();
  for (const detector of others) {
    const patterns = detector.patterns.map((one) => (typeof one === 'string' ? one : one.pattern));
    if (patterns.length > 0) sets.set(detector, compilePatterns(patterns));
  }
  return {
    detectors: [...custom.detectors, ...others],
    search: (detector, text, shadow) => {
      const hits = custom.search(detector, text, shadow);
      if (hits !== undefined) return hits;
      const found = sets.get(detector)?.search(text.text, shadow);
      return found === undefined ? [] : [...found.values()].flat();
    },
    dispose: () => {
      custom.dispose();
      for (const set of sets.values()) set.dispose();
    },
  };
}

export const NO_OWN_DETECTORS: OwnDetectors = { detectors: [], search: () => [], dispose: () => undefined };
