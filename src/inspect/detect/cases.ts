import { GENERAL } from './case-cues.js';
import { caseEvidence, HEALTH_REACH, healthPoints, type Surroundings } from './case-evidence.js';
import { isReachedAt, isWrittenBy, isWrittenTo } from './direct-address.js';
import { entryNames } from './entry-names.js';
import { greetedNames } from './greeted-names.js';
import { isOfNobody, isSeenAt, isTopic } from './health-statement.js';
import { initialled } from './initialled.js';
import { FAMILY, hasCredential, isDoctor, isTitled, nameKind } from './name-cues.js';
import { relatives } from './relatives.js';
import { namesInRows } from './row-names.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isIn } from './signature.js';
import { smallNames } from './small-names.js';
import { filedNames, unlistedNames } from './unlisted-names.js';
import { closesMail, isAddressed, isDepartment, signsOff } from './work-evidence.js';

/** Health words of any strength this near to a number that names a person, in points. */
const NUMBER_REACH = 300;
const BESIDE_NUMBER = 2.5;
/** So many spans of a window are looked at. */
const MOST = 24;
/** Longer words and names begin too far back to be seen. */
const LONGEST_TERM = 48;
const SORT_BLOCK = 512;
const SORT_REACH = 400;
/** From what leads to a health word. */
const TOPIC_REACH = 72;

/** A header line of a mail quoted in the text, or a greeting. */
const MAIL_LINE =
  /(?:^|\n)[> \t]*(?:(?:from|to|cc|bcc|sent|reply-to|attn):[^\n.]{0,40}|(?:dear|my dear|hi|hello|hey|hiya|attn|good (?:morning|afternoon|evening))[ ,]{1,2}(?:[a-z]{2,8} |(?:mrs?|ms|mx|drs?|prof|rev|sra?|sig|mme|mlle)\. )?)$/;

/**
 * Persons of whose care a text speaks without a word like "patient" beside them, as groups of spans. No single sign
 * decides: cues around a name, health words and shorthand near it, against words of texts that speak of health in general
 * (`case-evidence.ts`); letters to and from patients (`direct-address.ts`); numbers that name a person near several weak
 * health words. Looked for one behind the other, because one is mostly enough.
 *
 * @param elsewhere health words that count as near everything here: those of the subject for a body, and those at the
 *   beginning of a body for the subject
 */
export function* cases(
  scanned: ScannedText,
  spans: readonly Span[],
  elsewhere: readonly Span[] = [],
): Generator<readonly Span[]> {
  const health = inOrder(spans, (span) => span.detector.info.class === 'health');
  if (health.length + elsewhere.length === 0) return;
  const around = surroundings(scanned, spans, health, elsewhere);
  const colleagues = new Set(spans.flatMap(givenNameAtWork));
  for (const span of spans) {
    const { identifies } = span.detector;
    if (identifies === 'person' && span.confidence !== 'low') {
      const words = [...around.elsewhere, ...around.here(span.start - NUMBER_REACH, span.end + NUMBER_REACH)];
      if (healthPoints(words) >= BESIDE_NUMBER) yield [span, ...words];
    }
    if (identifies === 'contact') {
      const found = isReachedAt(span, around);
      if (found !== undefined) yield found;
    }
    if (identifies !== 'name' || span.ofProfessional === true || !isWord(span, around)) continue;
    // "Nominate Jane Roe, RN. Jane has …"
    if (colleagues.has(span.value) && isOfColleague(span, scanned)) continue;
    const found = caseOf(span, around) ?? isWrittenTo(span, around) ?? isWrittenBy(span, around);
    if (found !== undefined) yield found;
  }
  yield* unlistedCases(spans, around);
}

/** The given name of somebody at work who is named in full, too. */
function givenNameAtWork({ ofProfessional, value }: Span): readonly string[] {
  const end = value.indexOf(' ');
  return ofProfessional === true && end > 0 ? [value.slice(0, end)] : [];
}

/** Called by that name alone, and nothing is said that patients have or are. */
function isOfColleague(name: Span, { before, after }: ScannedText): boolean {
  return (
    !isTitled(before(name.start, 16)) &&
    !/^(?:['’]s|[ ,]{1,2}(?:who )?(?:has|had|is|was|needs|takes))\b/.test(after(name.end, 16))
  );
}

/** The same of names that no list has, or that are written in small letters. */
function* unlistedCases(spans: readonly Span[], around: Page): Generator<readonly Span[]> {
  const names = inOrder(spans, ({ detector }) => detector.identifies === 'name').filter(
    ({ confidence }) => confidence !== 'low',
  );
  const isTaken = (start: number, end: number) =>
    around.here(start - LONGEST_TERM, end).some((word) => word.end > start && !isFamilyName(word)) ||
    within(names, start - LONGEST_TERM, end).some((name) => name.end > start);
  for (const name of othersNamed(around.scanned, isTaken)) {
    if (isDoctor(around.scanned.before(name.start, 44)) || hasCredential(around.scanned.after(name.end, 12)))
      continue;
    const found = caseOf(name, around) ?? isWrittenTo(name, around) ?? isWrittenBy(name, around);
    if (found !== undefined) yield found;
  }
}

/** "Quillfeather Walker": what some are called, too. */
function isFamilyName({ confidence, value }: Span): boolean {
  return confidence === 'low' && (nameKind(value) & FAMILY) !== 0;
}

function* othersNamed(
  scanned: ScannedText,
  isTaken: (start: number, end: number) => boolean,
): Generator<Span> {
  yield* unlistedNames(scanned, isTaken);
  yield* filedNames(scanned, isTaken);
  yield* relatives(scanned, isTaken);
  yield* greetedNames(scanned, isTaken);
  yield* namesInRows(scanned, isTaken);
  yield* entryNames(scanned, isTaken);
  yield* initialled(scanned, isTaken);
  yield* smallNames(scanned, isTaken);
}

/** One letter is a name only with a title, and what is a health word (GERD) isn't one, nor a month before its day alone. */
function isWord(name: Span, { scanned, here }: Page): boolean {
  // "Doe R. Long-term survival": a word goes on.
  const isCapitalised = /^\p{Lu}/u.test(scanned.text.slice(name.start, name.end));
  const goesOn = isCapitalised && /^-\p{Ll}{2}/u.test(scanned.text.slice(name.end, name.end + 3));
  if (goesOn && !isTitled(scanned.before(name.start, 16))) return false;
  if (MONTH.test(name.value) && (DAY.test(scanned.after(name.end, 16)) || isDate(name, scanned)))
    return false;
  // "Bill to: …" heads an invoice.
  if (name.value === 'bill' && /^ to\b/.test(scanned.after(name.end, 4))) return false;
  if (name.value.length < 2) return isTitled(scanned.before(name.start, 16));
  return here(name.start, name.end).every((word) => name.confidence !== 'low' && word.confidence === 'low');
}

/** "Expires April 2, 2027". What happened "on April 2, 2027" happened to somebody. */
function isDate(name: Span, { after, before }: ScannedText): boolean {
  return (
    name.confidence === 'low' &&
    /^ \d{1,2}, 20\d\d\b/.test(after(name.end, 10)) &&
    !/\bon $/.test(before(name.start, 4))
  );
}

const MONTH = /^(?:jan|april|may|june|august)$/;
/** No age, and no date of a year. */
const DAY =
  /^ (?:[12]?\d|3[01])(?:st|nd|rd|th)?(?![\d/-])(?! ?-?(?:y|yrs?|yo|[fm]|mos?|wks?|years?|months?|weeks?|days?)\b)(?!,? \d{4})/;

function caseOf(name: Span, around: Page): readonly Span[] | undefined {
  const { elsewhere, here } = around;
  if (elsewhere.length === 0 && here(name.start - HEALTH_REACH, name.end + HEALTH_REACH).length === 0)
    return undefined;
  const { scanned } = around;
  const line = scanned.before(name.start, 48);
  if (
    MAIL_LINE.test(line) &&
    !CALLED_FROM.test(scanned.after(name.end, 24)) &&
    !IN_ROOM.test(scanned.after(name.end, 12)) &&
    !/^['’]s /.test(scanned.after(name.end, 3)) &&
    !isGreetedBefore(line, scanned, name)
  )
    return undefined;
  if (isAddressed(scanned, name)) return undefined;
  if (around.isSigned(name.start) || signsOff(scanned, name, around.isHealth)) return undefined;
  if (closesMail(scanned, name, around.isHealth)) return undefined;
  const words = caseEvidence(name, around);
  return words === undefined ? undefined : [name, ...words];
}

/** "Hi, Mr. Roe missed his appointment": the greeting is over before the name. */
function isGreetedBefore(before: string, { after }: ScannedText, name: Span): boolean {
  return (
    /(?:^|\n)[> \t]*(?:hi|hello|hey|hiya|good (?:morning|afternoon|evening)), (?:(?:mrs?|ms|miss)\.? )?$/.test(
      before,
    ) && /^ [a-z]/.test(after(name.end, 2))
  );
}

/** "FROM: Jane Roe\nPHONE: …": the note of a call, not a header. */
const CALLED_FROM = /^\n[ \t>]*(?:phone|tel|cell|call.?back|dob|mrn)\b ?[:#]/;

/** "hey Ms. Roe in 215 …" greets nobody of that name. */
const IN_ROOM = /^ (?:in (?:rm |room )?)?\d{3}[a-d]? [a-z]/;

interface Page extends Surroundings {
  readonly isSigned: (offset: number) => boolean;
}

export function surroundings(
  scanned: ScannedText,
  spans: readonly Span[],
  health: readonly Span[],
  elsewhere: readonly Span[] = [],
): Page {
  let identifiers: readonly Span[] | undefined;
  const general = new Map<number, number>();
  const ofNobody = new Map<Span, boolean>();
  const isAboutNobody = (word: Span): boolean => {
    let known = ofNobody.get(word);
    if (known === undefined) {
      const after = scanned.after(word.end, 48);
      const before = scanned.before(word.start, TOPIC_REACH);
      known = isTopic(after) ? !isSeenAt(before, after) || isOfNobody(before) : isOfNobody(before);
      ofNobody.set(word, known);
    }
    return known;
  };
  return {
    scanned,
    here: (from, to) => within(health, from, to),
    elsewhere,
    identifiers: (from, to) => {
      identifiers ??= inOrder(
        spans,
        ({ detector }) => detector.info.class === 'identifier' && detector.identifies !== 'name',
      );
      return within(identifiers, from, to);
    },
    isOfNobody: isAboutNobody,
    isHealth: (from, to) =>
      within(health, from, to).some(
        (word) => word.confidence !== 'low' && !isDepartment(word.value) && !isAboutNobody(word),
      ),
    general: (offset) => {
      const block = Math.max(0, Math.floor(offset / SORT_BLOCK));
      let known = general.get(block);
      if (known === undefined) {
        const window = scanned.wide(block * SORT_BLOCK - SORT_REACH, (block + 1) * SORT_BLOCK + SORT_REACH);
        known = new Set(window.match(GENERAL)).size;
        general.set(block, known);
      }
      return known;
    },
    isSigned: (offset) => isIn(scanned.signatures(), offset),
  };
}

function inOrder(spans: readonly Span[], wanted: (span: Span) => boolean): readonly Span[] {
  return spans.filter(wanted).sort((a, b) => a.start - b.start);
}

/** Spans that begin in a stretch; of many the first. */
function within(sorted: readonly Span[], from: number, to: number): readonly Span[] {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.start ?? 0) < from) low = middle + 1;
    else high = middle;
  }
  let end = low;
  while (end < sorted.length && end - low < MOST && (sorted[end]?.start ?? to) < to) end++;
  return sorted.slice(low, end);
}
