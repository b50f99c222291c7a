import type { LongView, TextView } from '../text-view.js';
import { asciiShadow } from './ascii-shadow.js';
import type { ReadPlace } from './classify.js';
import type { Detector } from './detector.js';
import { toRead } from './excerpts.js';
import type { PlacedSpans } from './findings.js';
import { SHIPPED } from './registry.js';
import { type Span, scan } from './scan.js';
import { type ScannedText, scannedText } from './scanned-text.js';
import { NO_OWN_DETECTORS, type OwnDetectors } from './settings.js';
import { textClues } from './text-clues.js';

/** What was seen in a long text. */
export interface LongScan {
  readonly placed: readonly PlacedSpans[];
  readonly places: readonly ReadPlace[];
}

/**
 * What is seen this far from the core of a window is kept, because `classify` looks so far around what is in it, and rules
 * as far around that. In characters before normalising, where a line break may be two.
 */
const ZONE = 3000;

/**
 * Scans a long text window by window: takes memory for one at a time, and for what it finds. The same is found as in
 * the whole text, because no rule looks further than the margins of a window; what two windows show is the same value in the same
 * place. Undefined where that isn't so: labels of a table's columns count for all of its rows, and an organisation's own
 * detectors may look at as much as they like.
 */
export function scanLong(long: LongView, own: OwnDetectors): LongScan | undefined {
  if (own !== NO_OWN_DETECTORS && own.detectors.length > 0) return undefined;
  const { where } = long;
  const byDetector = new Map<Detector, PlacedSpans[]>();
  const derived: PlacedSpans[] = [];
  const places: ReadPlace[] = [];
  const later = scannedLater();
  for (const { views, coreStart, coreEnd, again } of long.windows()) {
    for (const { text, view, from } of toRead(views)) {
      const { scanned, spans } = scan(text);
      if (scanned.hasRows()) return undefined;
      const kept = spans
        .filter((span) => isWithin(view, from + span.start, coreStart - ZONE, coreEnd + ZONE))
        .map(apart);
      if (kept.length === 0) continue;
      const seen = matched(where, text, kept);
      if (view === views[0]) {
        for (const [detector, one] of seen) {
          const before = byDetector.get(detector);
          if (before === undefined) byDetector.set(detector, [one]);
          else before.push(one);
        }
        places.push({ where, spans: kept, scanned: later(again) });
      } else {
        derived.push(...seen.values());
        const excerpt = copyOf(text);
        places.push({ where, spans: kept, scanned: later(() => excerpt) });
      }
    }
  }
  // In the order in which the whole text would have been searched.
  const inOrder = SHIPPED.flatMap((detector) => byDetector.get(detector) ?? []);
  return { placed: [...inOrder, ...derived], places };
}

function isWithin({ toSource }: TextView, offset: number, from: number, to: number): boolean {
  const source = toSource(offset);
  return source >= from && source < to;
}

/** A span that keeps no window in memory: a slice of a string holds the whole of it. */
function apart(span: Span): Span {
  return {
    ...span,
    value: copyOf(span.value),
    ...(span.masked !== undefined && { masked: copyOf(span.masked) }),
  };
}

function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

/** What each detector saw, with the matched texts alone in place of the text around them. */
function matched(where: string, text: string, spans: readonly Span[]): ReadonlyMap<Detector, PlacedSpans> {
  const seen = new Map<Detector, { texts: string[]; length: number; spans: Span[] }>();
  for (const span of spans) {
    const one = seen.get(span.detector) ?? { texts: [], length: 0, spans: [] };
    seen.set(span.detector, one);
    const match = text.slice(span.start, span.end);
    one.spans.push({ ...span, start: one.length, end: one.length + match.length });
    one.texts.push(match);
    one.length += match.length;
  }
  return new Map(
    [...seen].map(([detector, one]) => [
      detector,
      { where, text: copyOf(one.texts.join('')), spans: one.spans },
    ]),
  );
}

/** Texts for rules for context, made again when these ask for them: one window at a time is in memory. */
function scannedLater(): (text: () => string) => ScannedText {
  let last: { readonly text: () => string; readonly scanned: ScannedText } | undefined;
  return (text) => {
    const scanned = () => {
      if (last?.text !== text) {
        const made = text();
        last = { text, scanned: scannedText(made, textClues(asciiShadow(made))) };
      }
      return last.scanned;
    };
    return {
      get text() {
        return scanned().text;
      },
      get clues() {
        return scanned().clues;
      },
      before: (offset, size) => scanned().before(offset, size),
      after: (offset, size) => scanned().after(offset, size),
      wide: (from, to) => scanned().wide(from, to),
      labels: (offset) => scanned().labels(offset),
      words: (clue) => scanned().words(clue),
      hasWord: (clue, from, to) => scanned().hasWord(clue, from, to),
      hasDigits: (from, to) => scanned().hasDigits(from, to),
      inRow: (offset) => scanned().inRow(offset),
      hasRows: () => scanned().hasRows(),
      rows: () => scanned().rows(),
    };
  };
}
