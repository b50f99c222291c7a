import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { type Confidence, type Finding, MOST_PLACES } from '../../model/inspection.js';
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

interface Seen {
  readonly value: string;
  confidence: Confidence;
  /** As it stood in the text; kept only until it is masked. */
  readonly matched: string;
  readonly masked: string | undefined;
  /** Where it was seen first, and the other places, of which most values have none. */
  readonly first: string;
  others: Set<string> | undefined;
}

/**
 * Adds up what each detector saw. Several readings of one place may show the same value: it counts once there.
 * The result holds no matched value.
 */
export function toFindings(placed: readonly PlacedSpans[], fingerprintKey: Uint8Array): readonly Finding[] {
  const byDetector = new Map<Detector, Map<string, Seen>>();
  for (const { where, text, spans } of placed) {
    let detector: Detector | undefined;
    let values: Map<string, Seen> | undefined;
    for (const span of spans) {
      // Spans of one detector stand one behind the other.
      if (values === undefined || span.detector !== detector) {
        detector = span.detector;
        values = byDetector.get(detector);
        if (values === undefined) {
          values = new Map();
          byDetector.set(detector, values);
        }
      }
      const { value, confidence } = span;
      const seen = values.get(value);
      if (seen === undefined) {
        const matched = text.slice(span.start, span.end);
        values.set(value, {
          value,
          confidence,
          matched,
          masked: span.masked,
          first: where,
          others: undefined,
        });
        continue;
      }
      if (seen.first !== where) {
        seen.others ??= new Set();
        seen.others.add(where);
      }
      if (RANK[confidence] > RANK[seen.confidence]) seen.confidence = confidence;
    }
  }
  const key = keyed(fingerprintKey);
  const findings: Finding[] = [];
  for (const [detector, values] of byDetector) findings.push(toFinding(detector, [...values.values()], key));
  return findings;
}

function toFinding(detector: Detector, values: readonly Seen[], key: Keyed): Finding {
  const { info } = detector;
  const distinct = { low: values.length, medium: 0, high: 0 };
  let count = 0;
  const where = new Set<string>();
  for (const { confidence, others } of values) {
    if (confidence !== 'low') distinct.medium++;
    if (confidence === 'high') distinct.high++;
    count += 1 + (others?.size ?? 0);
  }
  // The surest first, so that the limits cut off the doubtful ones.
  const all =
    distinct.high === 0 && (distinct.medium === 0 || distinct.medium === distinct.low)
      ? values
      : values.toSorted((a, b) => RANK[b.confidence] - RANK[a.confidence]);
  for (const { first, others } of all) {
    if (where.size >= MOST_PLACES) break;
    where.add(first);
    if (others !== undefined) for (const other of others) where.add(other);
  }
  return {
    detector: info.name,
    class: info.class,
    ...(info.safeHarbor === undefined ? {} : { safeHarbor: info.safeHarbor }),
    confidence: all[0]?.confidence ?? 'low',
    count,
    distinct,
    masked: maskedForms(detector, all),
    fingerprints: all.slice(0, MOST_FINGERPRINTS).map(({ value }) => fingerprint(key, info, value)),
    where: [...where].slice(0, MOST_PLACES),
  };
}

/** Different ones, the surest first. Looks at no more values than it takes to be quick about it. */
function maskedForms(detector: Detector, all: readonly Seen[]): readonly string[] {
  const forms: string[] = [];
  for (const { masked, matched } of all.slice(0, MOST_MASKED * 4)) {
    const form = masked ?? detector.mask(matched);
    if (!forms.includes(form)) forms.push(form);
    if (forms.length === MOST_MASKED) break;
  }
  return forms;
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
  if (info.class !== 'health') return hashed(key, message);
  const before = known.get(message);
  if (before !== undefined) return before;
  const made = hashed(key, message);
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(message, made);
  return made;
}

function hashed(key: KeyObject, message: string): string {
  return createHmac('sha256', key).update(message).digest('hex').slice(0, 32);
}

const RANK = { low: 0, medium: 1, high: 2 } as const;
