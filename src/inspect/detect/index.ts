import type { ClassificationResult, Confidence, Finding } from '../../model/inspection.js';
import type { TextView } from '../text-view.js';
import { CARE_LANGUAGE_INFO, type CareReading } from './care-reading.js';
import { classify } from './classify.js';
import { toRead } from './excerpts.js';
import { type PlacedSpans, toFindings } from './findings.js';
import type { ReadPlace } from './read-place.js';
import { type Scan, scan } from './scan.js';
import { NO_OWN_DETECTORS, type OwnDetectors } from './settings.js';
import { cluesUntil } from './text-clues.js';

export { DETECTORS } from './registry.js';

export interface DetectOptions {
  readonly fingerprintKey: Uint8Array;
  /** The organisation's own. */
  readonly own?: OwnDetectors;
  /** The sender provides care: whom its mail names is a patient, with no health words needed. */
  readonly healthSender?: boolean;
}

export interface Detection {
  readonly findings: readonly Finding[];
  /** Only those that are present. */
  readonly classifications: readonly ClassificationResult[];
}

/**
 * What a message's texts hold. Views with the same `where` are readings of the same place: a value that several of
 * them show counts once there. Synchronous, and without effects; takes time linear in the text. What an identifier is
 * near to is judged within one view.
 */
export function detect(views: readonly TextView[], options: DetectOptions): Detection {
  const own = options.own ?? NO_OWN_DETECTORS;
  // Texts that are the same to the letter, such as a line of two headers, or a body as plain text and as HTML, are read
  // once. They often differ only by the line breaks behind them.
  const scans = scansByText();
  const placed: PlacedSpans[] = [];
  const places: ReadPlace[] = [];
  for (const one of toRead(views)) {
    const text = withoutLastBreaks(one.text);
    let found = scans.get(text);
    if (found === undefined) {
      found = scan(text, own, one.clues === undefined ? undefined : cluesUntil(one.clues, text));
      scans.set(text, found);
    }
    placed.push({ where: one.where, text, spans: found.spans });
    places.push({ where: one.where, scanned: found.scanned, spans: found.spans });
  }
  const { classifications, care } = classify(places, options.healthSender);
  const findings = toFindings(placed, options.fingerprintKey);
  return { findings: care === undefined ? findings : [...findings, careFinding(care)], classifications };
}

/** Of a whole stretch, so there is nothing to mask or to tell by a fingerprint. */
function careFinding({ where }: CareReading): Finding {
  return {
    detector: CARE_LANGUAGE_INFO.name,
    class: CARE_LANGUAGE_INFO.class,
    confidence: 'medium',
    count: 1,
    distinct: { low: 1, medium: 1, high: 0 },
    masked: [],
    fingerprints: [],
    where: [where],
  };
}

/** Texts of the same length that are compared; all beyond them are hashed, so that time stays linear. */
const FEW = 8;

/** Blanks stay: a word may only be one where something follows it. */
function withoutLastBreaks(text: string): string {
  let end = text.length;
  while (end > 0 && (text.charCodeAt(end - 1) === 0x0a || text.charCodeAt(end - 1) === 0x0d)) end--;
  return text.slice(0, end);
}

/** Scans by their texts: to hash a long text costs more than to compare the few that are as long. */
function scansByText(): {
  readonly get: (text: string) => Scan | undefined;
  /** Of a text that `get` doesn't know. */
  readonly set: (text: string, scan: Scan) => void;
} {
  const byLength = new Map<number, { readonly text: string; readonly scan: Scan }[]>();
  const hashed = new Map<string, Scan>();
  return {
    get(text) {
      const alike = byLength.get(text.length);
      const found = alike?.find((one) => one.text === text)?.scan;
      return found ?? (alike?.length === FEW ? hashed.get(text) : undefined);
    },
    set(text, scan) {
      const alike = byLength.get(text.length);
      if (alike === undefined) byLength.set(text.length, [{ text, scan }]);
      else if (alike.length < FEW) alike.push({ text, scan });
      else hashed.set(text, scan);
    },
  };
}

/** Where a detector saw something in a text. Holds no value. */
export interface DetectedSpan {
  readonly detector: string;
  /** UTF-16 code units of the text given; `end` is behind the last one. */
  readonly start: number;
  readonly end: number;
  readonly confidence: Confidence;
}

/** The places of all sightings in a text, in text order: for evaluation, tests and displays. */
export function detectSpans(
  text: string,
  options: { readonly detectors?: readonly string[]; readonly own?: OwnDetectors } = {},
): readonly DetectedSpan[] {
  return scan(text, options.own)
    .spans.filter(({ detector }) => options.detectors?.includes(detector.info.name) ?? true)
    .map(({ detector, start, end, confidence }) => ({ detector: detector.info.name, start, end, confidence }))
    .sort((a, b) => a.start - b.start || a.end - b.end);
}
