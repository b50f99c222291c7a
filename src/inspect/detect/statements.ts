import {
  hasOutcome,
  isContactPerson,
  isLabelled,
  isOutcomeFor,
  isPredicated,
  isTold,
  leavesTheSentence,
} from './health-statement.js';
import type { Span } from './scan.js';
import type { ScannedText } from './scanned-text.js';
import { isIn } from './signature.js';

/** Between a person's name and what is said of it; between a name and a telephone number or address of the same person. */
const REACH = 220;
const PAIR = 120;
/** A form of unlabelled number beside health words. */
const BESIDE = 80;
/** So many spans at either end of a window are looked at. */
const MOST = 6;
/** Windows around a health word in which its statement stands. */
const BEFORE = 64;
const AFTER = 48;

/** Where a name is somebody's at work: "Jane Roe, director of oncology". */
const AT_WORK =
  /^,? (?:(?:the|our|an?) )?(?:[a-z]+ ){0,2}(?:directors?|managers?|coordinator|educator|officer|editor|author|speaker|chair(?:man|woman)?|president|ceo|cfo|secretary|assistant|administrator|attorney|vendor|rep(?:resentative)?|recruiter|trainer|instructor|nurse|lead|facilities|department|unit)\b/;
/** A header line of a mail quoted in the text, or a greeting. */
const MAIL_LINE = /^[> ]*(?:from|to|cc|bcc|sent|reply-to|dear|hi|hello|attn|contact)\b/;
/** A label of a form before a name. */
const FORM_NAME =
  /(?:^|\n)[ \t]*(?:(?:(?:patient|client|member|resident|employee|student|child|claimant|worker|athlete|camper|full|last|first)(?:'s)? )?name(?:[ \t.]{0,12}[:=-]|[ \t]{0,2}[._]{3,24})|(?:patient|client|resident|subject|re)[ \t]{0,2}[:=-]?)[ \t]{0,4}(?:\n[ \t]{0,4})?$/;
const HEALTH_COLUMN =
  /\b(?:diagnos[ei]s|dx|icd|condition|problem|medication|drug|rx|prescription|procedure|results?|lab|allerg)/;

/**
 * What a text says about the health of persons whom it names without calling them patients, as groups of spans:
 *
 * - a name with a predicate: "Jane Roe, 14 Elm Street, is HIV positive", "Jane Roe started on metformin";
 * - a name with a telephone number or address close by, and in the same or the next line a health word that is told as
 *   a finding ("re: HIV test result positive"); not in signatures, not where the person is somebody to turn to;
 * - a name in a form or a table, with a diagnosis, drug or result in a line or column of its own;
 * - a number of a rare form, written without its label, right beside a health word.
 *
 * Clinicians are left out. Looks at a bounded number of words for each name: linear in the text.
 */
export function* statements(
  scanned: ScannedText,
  spans: readonly Span[],
  health: readonly Span[],
): Generator<readonly Span[]> {
  if (health.length === 0) return;
  for (const span of spans) {
    if (span.rareForm !== true || span.confidence !== 'low') continue;
    const beside = near(health, span.start - BESIDE, span.end + BESIDE).find(
      (one) => lineBreaks(scanned.text, span, one) === 0,
    );
    if (beside !== undefined) yield [span, beside];
  }
  const names = spans.filter(isPrivateName);
  if (names.length === 0) return;
  const page = openPage(scanned, spans);
  for (const name of names) {
    const statement = statementOf(name, page, health);
    if (statement !== undefined) yield statement;
  }
}

/** A text with what is worked out of it once. */
interface Page {
  readonly scanned: ScannedText;
  readonly contacts: readonly Span[];
  readonly identifiers: readonly Span[];
  readonly isSigned: (offset: number) => boolean;
}

function openPage(scanned: ScannedText, spans: readonly Span[]): Page {
  const inOrder = (wanted: (span: Span) => boolean) => spans.filter(wanted).sort((a, b) => a.start - b.start);
  return {
    scanned,
    contacts: inOrder((span) => span.detector.identifies === 'contact' && span.confidence !== 'low'),
    identifiers: inOrder(
      (span) => span.detector.info.class === 'identifier' && span.detector.identifies !== 'name',
    ),
    isSigned: (offset) => isIn(scanned.signatures(), offset),
  };
}

/** Names that are said to be a patient's count anyway. */
function isPrivateName(span: Span): boolean {
  return (
    span.detector.identifies === 'name' &&
    span.confidence !== 'low' &&
    span.ofProfessional !== true &&
    span.ofPatient !== true
  );
}

function statementOf(name: Span, page: Page, health: readonly Span[]): readonly Span[] | undefined {
  const around = [
    ...near(health, name.end, name.end + REACH),
    ...near(health, name.start - REACH, name.start).reverse(),
  ];
  if (around.length === 0) return undefined;
  const { scanned } = page;
  const predicated = around.find((one) => one.start >= name.end && isSaidOf(name, one, page));
  if (predicated !== undefined) return [name, predicated];
  const reported = around.find(
    (one) =>
      one.end <= name.start &&
      name.start - one.end < 40 &&
      isOutcomeFor(scanned.text.slice(one.end, name.start).toLowerCase(), scanned.after(name.end, 40)),
  );
  if (reported !== undefined) return [name, reported];
  const formed = around.find((one) => isInForm(name, one, scanned));
  if (formed !== undefined && !page.isSigned(name.start)) return [name, formed];
  if (AT_WORK.test(scanned.after(name.end, 60)) || MAIL_LINE.test(lineBefore(scanned, name.start)))
    return undefined;
  for (const contact of near(page.contacts, name.start - PAIR, name.end + PAIR)) {
    if (lineBreaks(scanned.text, name, contact) > 1) continue;
    const told = around.find((one) => isToldNextTo(name, contact, one, scanned));
    // Last, because signatures are looked for in the whole text.
    if (told !== undefined) return page.isSigned(name.start) ? undefined : [name, contact, told];
  }
  return undefined;
}

function isSaidOf(name: Span, word: Span, { scanned, identifiers }: Page): boolean {
  let between = scanned.text.slice(name.end, word.start);
  const others = near(identifiers, name.end, word.start);
  if (others.length === 0 && leavesTheSentence(between)) return false;
  for (const one of others) {
    const from = Math.max(0, one.start - name.end);
    between =
      between.slice(0, from) +
      ' '.repeat(Math.max(0, one.end - name.end - from)) +
      between.slice(one.end - name.end);
  }
  if (/\n[ \t]*\n/.test(between)) return false;
  const after = scanned.after(word.end, AFTER);
  if (/^\s{0,2}[-:/|,]\s{0,2}$/.test(between)) return hasOutcome(after);
  return isPredicated(between.toLowerCase(), after);
}

/** "Name: Jane Roe" and a labelled diagnosis within three lines; or both in one row, the latter in a column for it. */
function isInForm(name: Span, word: Span, scanned: ScannedText): boolean {
  const breaks = lineBreaks(scanned.text, name, word);
  if (breaks === 0 && scanned.inRow(name.start)) return HEALTH_COLUMN.test(scanned.labels(word.start));
  return (
    breaks > 0 &&
    breaks <= 3 &&
    word.start > name.end &&
    FORM_NAME.test(scanned.before(name.start, 40)) &&
    isLabelled(scanned.before(word.start, BEFORE))
  );
}

function isToldNextTo(name: Span, contact: Span, word: Span, scanned: ScannedText): boolean {
  const start = Math.min(name.start, contact.start);
  const end = Math.max(name.end, contact.end);
  const pair = { start, end };
  if (lineBreaks(scanned.text, pair, word) > 1) return false;
  const before = scanned.before(word.start, BEFORE);
  const after = scanned.after(word.end, AFTER);
  if (word.confidence !== 'high' && !isTold(before, after)) return false;
  const from = Math.min(start, word.start);
  const to = Math.max(end, word.end);
  return !isContactPerson(
    scanned.before(from, 80) + scanned.text.slice(from, to).toLowerCase() + scanned.after(to, 80),
  );
}

/** Spans that begin in a stretch; `sorted` by start. Of many those at its two ends. */
function near(sorted: readonly Span[], from: number, to: number): Span[] {
  const first = firstFrom(sorted, from);
  const last = firstFrom(sorted, to + 1);
  if (last - first <= 2 * MOST) return sorted.slice(first, last);
  return [...sorted.slice(first, first + MOST), ...sorted.slice(last - MOST, last)];
}

/** Index of the first span that begins at an offset or behind it. */
function firstFrom(sorted: readonly Span[], offset: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle]?.start ?? 0) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Line ends between two places; an empty line counts as far away. */
function lineBreaks(text: string, a: Place, b: Place): number {
  const between = text.slice(Math.min(a.end, b.end), Math.max(a.start, b.start));
  return /\n[ \t]*\n/.test(between) ? Number.POSITIVE_INFINITY : between.split('\n').length - 1;
}

function lineBefore(scanned: ScannedText, offset: number): string {
  const before = scanned.before(offset, 60);
  return before.slice(before.lastIndexOf('\n') + 1);
}
