import type { CareModel } from './care-model.js';
import {
  type CareMark,
  type CareStretch,
  careMarks,
  careTokens,
  isHealthMark,
  isNameMark,
} from './care-tokens.js';
import type { DetectorInfo } from './detector.js';
import { type ReadPlace, SUBJECT } from './read-place.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';

/** What documentation and policies know of it. */
export const CARE_LANGUAGE_INFO: DetectorInfo = {
  name: 'care-language',
  class: 'health',
  description:
    'A text that names somebody and reads like mail about the care of that person. Looked for where no identifier and no statement makes a message PHI',
  source: 'A model learnt from made-up mail: `npm run care-model`, docs/detection.md',
  ofWholeText: true,
};

/** A stretch with a name in it, and how much it reads like mail about that person's care. */
export interface CareReading {
  /** The logarithm of the odds, less where all names of the stretch are unsure. */
  readonly score: number;
  /** The highest logarithm of the odds of any stretch, however sure its names are. */
  readonly highest: number;
  readonly where: string;
  /** A name in the stretch, or in the subject above it. */
  readonly name: Span;
}

/** Longer texts are read in stretches, each beginning some characters before the end of the last: a model learnt from mails, not from books. */
const ONE_STRETCH = 2_000;
const STRETCH = 1_500;
const OVERLAP = 200;
/** A stretch ends at a line's end, if one is among its last characters. */
const LINE_WITHIN = 500;

/** Characters on either side of what makes a case. */
const AROUND = 300;
/** So much of its line, at most, counts alone. */
const LINE_AROUND = 60;
/** How much less it counts: few words sway the model easily. */
const OF_LINES = 1;
/** How much more it takes where all names could be something else. */
const OF_UNSURE_NAMES = 1.25;
/** A blank, or the ending of a genitive and a blank. */
const EPONYM_GAP = 3;
/** So few words don't read like anything. */
const LEAST_TOKENS = 5;

const LONGEST_SUBJECT = 400;

/**
 * The stretch of a message's texts that reads most like mail about somebody's care, of those that name somebody; each is read
 * with the subject above it. Takes time linear in the text.
 */
export function careReading(places: readonly ReadPlace[], model: CareModel): CareReading | undefined {
  const heading = places.find(({ where }) => where === SUBJECT);
  const subject = heading === undefined ? [] : [headOf(careText(heading))];
  const above = subject.flatMap(({ marks }) => marks);
  const headed = above.find(isSureName)?.span;
  const isHeadedByHealth = above.some(isHealthMark);
  let best: Omit<CareReading, 'highest'> | undefined;
  let highest = Number.NEGATIVE_INFINITY;
  const done = new Set<ScannedText>();
  for (const { where, scanned, spans } of places) {
    // Several places often hold the same text.
    if (where.startsWith('header:') || done.has(scanned)) continue;
    done.add(scanned);
    if (headed === undefined && !spans.some(({ detector }) => detector.identifies === 'name')) continue;
    for (const stretch of stretches(careText({ scanned, spans }))) {
      const sure = stretch.marks.find(isSureName)?.span ?? (stretch.from === 0 ? headed : undefined);
      const name = sure ?? stretch.marks.find(isPerhapsName)?.span;
      // A name alone is never PHI.
      if (name === undefined || !(isHeadedByHealth || stretch.marks.some(isHealthMark))) continue;
      const tokens = careTokens([...subject, stretch]);
      if (tokens.sequence.length < LEAST_TOKENS) continue;
      const odds = model.score(tokens);
      const score = odds - (sure === undefined ? OF_UNSURE_NAMES : 0);
      highest = Math.max(highest, odds);
      if (best === undefined || score > best.score) best = { score, where, name };
    }
  }
  return best === undefined ? undefined : { ...best, highest };
}

/**
 * How much what stands around a span of a place reads like that: with the subject and some text on either side, or a few
 * words around alone, whichever reads more like it. What is said of a patient may be one line, which the talk around it
 * must not outvote.
 */
export function careAround(
  places: readonly ReadPlace[],
  model: CareModel,
): (place: ReadPlace) => (span: Span) => number {
  // Once for all places: a message may have a thousand, and a long subject.
  const heading = places.find(({ where }) => where === SUBJECT);
  const subject = heading === undefined ? [] : [headOf(careText(heading))];
  return (place) => {
    const above = place.scanned === heading?.scanned ? [] : subject;
    // Most places have no case.
    let text: CareStretch | undefined;
    return ({ start, end }) => {
      text ??= careText(place);
      const around = partOf(text, Math.max(0, start - AROUND), Math.min(text.to, end + AROUND));
      const line = partOf(text, lineStart(text.lower, start), lineEnd(text.lower, end));
      return Math.max(
        model.score(careTokens([...above, around])),
        model.score(careTokens([line])) - OF_LINES,
      );
    };
  };
}

/** A stretch of a text with its marks, of which the text may have thousands. */
function partOf({ lower, marks }: CareStretch, from: number, to: number): CareStretch {
  let low = 0;
  let high = marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((marks[middle]?.end ?? 0) <= from) low = middle + 1;
    else high = middle;
  }
  let behind = low;
  while ((marks[behind]?.start ?? to) < to) behind++;
  return { lower, from, to, marks: marks.slice(low, behind) };
}

function lineStart(lower: string, start: number): number {
  const before = lower.slice(Math.max(0, start - LINE_AROUND), start);
  return start - before.length + before.lastIndexOf('\n') + 1;
}

function lineEnd(lower: string, end: number): number {
  const behind = lower.slice(end, end + LINE_AROUND);
  const newline = behind.indexOf('\n');
  return end + (newline === -1 ? behind.length : newline);
}

/** It is read above each stretch, so it must not be long. */
function headOf(subject: CareStretch): CareStretch {
  const to = Math.min(subject.to, LONGEST_SUBJECT);
  return { ...subject, to, marks: subject.marks.filter(({ start }) => start < to) };
}

function isSureName(mark: CareMark): boolean {
  return isNameMark(mark) && mark.span.confidence !== 'low';
}

/** Not "Joubert syndrome", "Todd's paralysis". */
function isPerhapsName(mark: CareMark, i: number, marks: readonly CareMark[]): boolean {
  const next = marks[i + 1];
  const namesDisease = next !== undefined && isHealthMark(next) && next.start - mark.end <= EPONYM_GAP;
  return isNameMark(mark) && !namesDisease;
}

/** All of a text, as the model reads it. */
export function careText({ scanned, spans }: Omit<ReadPlace, 'where'>): CareStretch {
  const lower = scanned.wide(0, scanned.text.length);
  return { lower, from: 0, to: lower.length, marks: careMarks(spans, scanned.signatures()) };
}

function* stretches(text: CareStretch): Generator<CareStretch> {
  const { lower, marks } = text;
  if (lower.length <= ONE_STRETCH) {
    yield text;
    return;
  }
  let next = 0;
  for (let from = 0; from < lower.length; ) {
    const to = endOfStretch(lower, from);
    while ((marks[next]?.end ?? to) <= from) next++;
    let behind = next;
    while ((marks[behind]?.start ?? to) < to) behind++;
    yield { lower, from, to, marks: marks.slice(next, behind) };
    from = to === lower.length ? to : to - OVERLAP;
  }
}

function endOfStretch(lower: string, from: number): number {
  const to = from + STRETCH;
  if (to >= lower.length) return lower.length;
  const line = lower.lastIndexOf('\n', to);
  return line > to - LINE_WITHIN ? line : to;
}
