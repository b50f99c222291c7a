import type { Classification, ClassificationResult, Confidence } from '../../model/inspection.js';
import { type CareModel, shippedCareModel } from './care-model.js';
import { CARE_LANGUAGE_INFO, type CareReading, careAround, careReading } from './care-reading.js';
import { cases } from './cases.js';
import { isOfNobody, isTopic } from './health-statement.js';
import { type ReadPlace, SUBJECT } from './read-place.js';
import type { Span } from './scan.js';
import { statements } from './statements.js';

/** Characters between an identifier and health words that belong together, and those that surely do. */
const NEAR = 1_000;
const CLOSE = 300;

/**
 * Which kinds of protected data a message holds. Only those present are returned.
 *
 * - `phi`: an identifier of a person and health context, by two distinct findings near each other in one reading.
 *   Identifiers that show health care by themselves (medical record number, MBI, health plan ID) need no second one.
 *   Names, telephone numbers, addresses and dates of care count only where the words around say that they are a
 *   patient's, so a name alone never makes PHI, nor a signature below a text about health. Further apart in one
 *   place, or in different places (an attached list and the mail about it), it is PHI with lower confidence, and only
 *   with an identifier that names a person by itself. Numbers of providers (NPI, DEA) don't count as a patient's.
 *   What a text says of somebody's health without calling him a patient counts too (`statements`, `cases`), and a text
 *   that names somebody and reads like mail about the care of that person (`careReading`).
 * - `pii`: an identifier that names a person by itself, or a telephone number or address said to be a patient's.
 * - `pci`: a payment card.
 * - `credentials`: a private key, token or password.
 *
 * Everything needs at least medium confidence to count.
 *
 * @param healthSender the sender provides care, so an identifier that says whom it belongs to needs no health words
 * @param model says how much a text reads like mail about somebody's care
 */
export function classify(
  places: readonly ReadPlace[],
  healthSender = false,
  model = shippedCareModel(),
): Classified {
  const found = phi(places, healthSender, model);
  const classifications = [
    found?.result,
    simple(places, 'pii', (span) => span.detector.info.class === 'identifier' && namesPerson(span)),
    simple(places, 'pci', (span) => span.detector.info.name === 'payment-card'),
    simple(places, 'credentials', (span) => span.detector.info.class === 'credential'),
  ].filter((result) => result !== undefined);
  return { classifications, care: found?.care };
}

export interface Classified {
  readonly classifications: readonly ClassificationResult[];
  /** Where the text reads like mail about the care of somebody whom it names, if that was what made it PHI. */
  readonly care: CareReading | undefined;
}

interface FoundPhi {
  readonly result: ClassificationResult;
  readonly care: CareReading | undefined;
}

/** Logarithms of odds: from the first on a text counts as one about care, below the second the points of a case don't. */
const CARE_LIKELY = 0.25;
const CARE_UNLIKELY = -2;
/** So many cases of a place are set aside at most: one of a longer list counts, and time has a bound. */
const MOST_SET_ASIDE = 64;

/** So much of a body is what its subject is about. */
const HEAD = 500;

/**
 * By place, health words of the subject for all that it heads, and those of their beginnings for the subject. Looked for
 * once for all places: a message may have thousands.
 */
function headHealth(places: readonly ReadPlace[]): (where: string) => readonly Span[] {
  const beginnings = (wanted: (where: string) => boolean) =>
    places
      .filter(({ where }) => wanted(where))
      .flatMap(({ scanned, spans }) =>
        spans.filter(
          (span) =>
            span.detector.info.class === 'health' &&
            span.start < HEAD &&
            !isTopic(scanned.after(span.end, 48)) &&
            !isOfNobody(scanned.before(span.start, 72)),
        ),
      )
      .slice(0, MOST_HEAD);
  let ofSubject: readonly Span[] | undefined;
  let ofOthers: readonly Span[] | undefined;
  return (where) => {
    if (where === SUBJECT) {
      ofOthers ??= beginnings((other) => !other.startsWith('header:'));
      return ofOthers;
    }
    ofSubject ??= beginnings((other) => other === SUBJECT);
    return ofSubject;
  };
}
const MOST_HEAD = 8;

function simple(
  places: readonly ReadPlace[],
  classification: Classification,
  wanted: (span: Span) => boolean,
): ClassificationResult | undefined {
  const behind = new Set<string>();
  let confidence: Confidence = 'medium';
  for (const { spans } of places) {
    for (const span of spans) {
      if (span.confidence === 'low' || !wanted(span)) continue;
      behind.add(span.detector.info.name);
      if (span.confidence === 'high') confidence = 'high';
    }
  }
  return behind.size === 0 ? undefined : { classification, confidence, detectors: [...behind].sort() };
}

function phi(places: readonly ReadPlace[], healthSender: boolean, model: CareModel): FoundPhi | undefined {
  let best: Confidence | undefined;
  const behind = new Set<string>();
  const consider = (confidence: Confidence, first: Span, second?: Span) => {
    if (best === undefined || RANK[confidence] > RANK[best]) best = confidence;
    behind.add(first.detector.info.name);
    if (second !== undefined) behind.add(second.detector.info.name);
  };
  const considerAll = (spans: readonly Span[]) => {
    for (const span of spans) consider('medium', span);
  };
  const healthOf = new Map<ReadPlace, readonly Span[]>();
  for (const place of places) {
    const health = inOrder(place.spans.filter(isHealth));
    healthOf.set(place, health);
    for (const identifier of place.spans) {
      if (!isPersonEvidence(identifier)) continue;
      if (identifier.showsHealth === true || healthSender) consider('medium', identifier);
      const nearest = nearestTo(identifier, health);
      if (nearest === undefined) continue;
      const distance = distanceOf(identifier, nearest);
      if (distance > NEAR) continue;
      const sure = distance <= CLOSE && namesPerson(identifier);
      consider(sure ? 'high' : 'medium', identifier, nearest);
    }
  }
  // What is only said in words takes longest to find, and makes nothing surer than it is.
  for (const [place, health] of healthOf) {
    if (best !== undefined) break;
    const [statement] = statements(place.scanned, place.spans, health);
    if (statement !== undefined) considerAll(statement);
  }
  const reading = best === undefined ? careReading(places, model) : undefined;
  const care = reading !== undefined && reading.score >= CARE_LIKELY ? reading : undefined;
  if (care !== undefined) {
    consider('medium', care.name);
    behind.add(CARE_LANGUAGE_INFO.name);
  }
  const head = headHealth(places);
  // Neither the message nor what stands around the case reads like it: rosters, minutes, mail of suppliers.
  const isUnlikely = reading !== undefined && reading.highest < CARE_UNLIKELY;
  const around = isUnlikely && best === undefined ? careAround(places, model) : undefined;
  for (const place of best === undefined ? places : []) {
    const found = caseIn(place, head(place.where), around?.(place));
    if (found !== undefined) considerAll(found);
  }
  if (best === undefined) {
    const identifier = firstPlaced(
      places,
      (span) => isPersonEvidence(span) && span.detector.identifies === 'person',
    );
    const health = firstPlaced(places, isHealth);
    if (identifier !== undefined && health !== undefined) {
      // The subject heads the whole message; an attachment may have nothing to do with another.
      const headed = [identifier.where, health.where].includes(SUBJECT);
      consider(headed ? 'medium' : 'low', identifier.span, health.span);
    }
  }
  if (best === undefined) return undefined;
  return { result: { classification: 'phi', confidence: best, detectors: [...behind].sort() }, care };
}

/** The first case of a place that doesn't read unlike one: behind the colleague of the first line may stand a patient. */
function caseIn(
  { scanned, spans }: ReadPlace,
  elsewhere: readonly Span[],
  around: ((span: Span) => number) | undefined,
): readonly Span[] | undefined {
  let setAside = 0;
  for (const found of cases(scanned, spans, elsewhere)) {
    const [about] = found;
    if (around === undefined || about === undefined || setAside === MOST_SET_ASIDE) return found;
    if (around(about) >= CARE_UNLIKELY) return found;
    setAside++;
  }
  return undefined;
}

const RANK = { low: 0, medium: 1, high: 2 } as const;

function isHealth(span: Span): boolean {
  return span.confidence !== 'low' && span.detector.info.class === 'health';
}

/** Says which person it is about, alone or by the words around it. */
function isPersonEvidence(span: Span): boolean {
  if (span.confidence === 'low') return false;
  switch (span.detector.identifies) {
    case 'person':
      return true;
    case 'contact':
    case 'name':
    case 'date':
      return span.ofPatient === true;
    default:
      return false;
  }
}

function namesPerson(span: Span): boolean {
  return (
    span.detector.identifies === 'person' ||
    (span.detector.identifies === 'contact' && span.ofPatient === true)
  );
}

/** Each detector's spans are in text order, those of several may not be. */
function inOrder(spans: Span[]): readonly Span[] {
  for (let i = 1; i < spans.length; i++)
    if ((spans[i]?.start ?? 0) < (spans[i - 1]?.start ?? 0)) return spans.sort((a, b) => a.start - b.start);
  return spans;
}

function nearestTo(span: Span, sorted: readonly Span[]): Span | undefined {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.start ?? 0) < span.start) low = middle + 1;
    else high = middle;
  }
  const before = sorted[low - 1];
  const behind = sorted[low];
  if (before === undefined || behind === undefined) return before ?? behind;
  return distanceOf(span, behind) < distanceOf(span, before) ? behind : before;
}

function distanceOf(a: Span, b: Span): number {
  return Math.max(0, b.start - a.end, a.start - b.end);
}

function firstPlaced(
  places: readonly ReadPlace[],
  wanted: (span: Span) => boolean,
): { readonly where: string; readonly span: Span } | undefined {
  const subjectFirst = [...places].sort((a, b) => Number(b.where === SUBJECT) - Number(a.where === SUBJECT));
  for (const { where, spans } of subjectFirst) {
    const span = spans.find(wanted);
    if (span !== undefined) return { where, span };
  }
  return undefined;
}
