import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { CONFIDENCES, type Confidence, type Finding } from '../../model/inspection.js';
import type { Detector, DetectorInfo } from './detector.js';
import type { Span } from './scan.js';

/** Spans seen in one place, with the text they point into. */
export interface PlacedSpans {
  readonly where: string;
  readonly text: string;
  readonly spans: readonly Span[];
}

const MOST_MASKED = 5;
const MOST_FINGERPRINTS = 50;
const MOST_PLACES = 20;

interface Seen {
  confidence: Confidence;
  /** As it stood in the text; kept only until it is masked. */
  readonly matched: string;
  readonly masked: string | undefined;
  readonly where: Set<string>;
}

/**
 * Adds up what each detector saw. Several readings of one place may show the same value: it counts once there.
 * The result holds no matched value.
 */
export function toFindings(placed: readonly PlacedSpans[], fingerprintKey: Uint8Array): readonly Finding[] {
  const byDetector = new Map<Detector, Map<string, Seen>>();
  for (const { where, text, spans } of placed) {
    for (const span of spans) {
      let values = byDetector.get(span.detector);
      if (values === undefined) {
        values = new Map();
        byDetector.set(span.detector, values);
      }
      const seen = values.get(span.value);
      if (seen === undefined) {
        const matched = text.slice(span.start, span.end);
        const { confidence, masked } = span;
        values.set(span.value, { confidence, matched, masked, where: new Set([where]) });
      } else {
        seen.where.add(where);
        if (rank(span.confidence) > rank(seen.confidence)) seen.confidence = span.confidence;
      }
    }
  }
  const key = keyed(fingerprintKey);
  return [...byDetector].map(([detector, values]) => toFinding(detector, values, key));
}

function toFinding(detector: Detector, values: ReadonlyMap<string, Seen>, key: Keyed): Finding {
  const { info } = detector;
  // The surest first, so that the limits cut off the doubtful ones.
  const sorted = [...values].sort(([, a], [, b]) => rank(b.confidence) - rank(a.confidence));
  const all = sorted.map(([, seen]) => seen);
  const atLeast = (confidence: Confidence) =>
    all.filter((seen) => rank(seen.confidence) >= rank(confidence)).length;
  return {
    detector: info.name,
    class: info.class,
    ...(info.safeHarbor === undefined ? {} : { safeHarbor: info.safeHarbor }),
    confidence: all[0]?.confidence ?? 'low',
    count: all.reduce((sum, seen) => sum + seen.where.size, 0),
    distinct: { low: atLeast('low'), medium: atLeast('medium'), high: atLeast('high') },
    masked: maskedForms(detector, all),
    fingerprints: sorted.slice(0, MOST_FINGERPRINTS).map(([value]) => fingerprint(key, info, value)),
    where: [...new Set(all.flatMap((seen) => [...seen.where]))].slice(0, MOST_PLACES),
  };
}

/** Different ones, the surest first. Looks at no more values than it takes to be quick about it. */
function maskedForms(detector: Detector, all: readonly Seen[]): readonly string[] {
  const forms = new Set(
    all.slice(0, MOST_MASKED * 4).map((seen) => seen.masked ?? detector.mask(seen.matched)),
  );
  return [...forms].slice(0, MOST_MASKED);
}

interface Keyed {
  readonly bytes: Buffer;
  readonly key: KeyObject;
  /** Fingerprints of words of health care, by detector and value. Values that identify somebody aren't kept. */
  readonly known: Map<string, string>;
}

const MOST_KNOWN = 10_000;

let last: Keyed | undefined;

/** A thread has one key all its life. */
function keyed(fingerprintKey: Uint8Array): Keyed {
  if (last === undefined || !last.bytes.equals(fingerprintKey)) {
    const bytes = Buffer.from(fingerprintKey);
    last = { bytes, key: createSecretKey(bytes), known: new Map() };
  }
  return last;
}

/** HMAC-SHA-256 over detector, NUL and normalised value: the first sixteen bytes in hex. */
function fingerprint({ key, known }: Keyed, info: DetectorInfo, value: string): string {
  const message = `${info.name}\0${value}`;
  const before = known.get(message);
  if (before !== undefined) return before;
  const made = createHmac('sha256', key).update(message).digest('hex').slice(0, 32);
  if (info.class === 'health') {
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(message, made);
  }
  return made;
}

function rank(confidence: Confidence): number {
  return CONFIDENCES.indexOf(confidence);
}
