import { brailleText } from './braille.js';
import { gluedNumbers, lettersForDigits, oddGroups, speltDigits } from './odd-numbers.js';
import type { OffsetMap } from './offset-map.js';
import { brokenWords, spreadWords } from './spread-words.js';
import { applyEdits, type Edit, type EditedText } from './text-edits.js';
import { textHints } from './text-hints.js';
import { toldNumbers } from './told-numbers.js';

export interface JoinedText {
  readonly text: string;
  /** Offset in the normalised text that belongs to an offset in `text`. */
  readonly toNormalised: OffsetMap;
  /** As `EditedText`. */
  readonly coveredBy: EditedText['coveredBy'];
}

/** A line at least this long was probably wrapped by a program, so a number may go on in the next. */
const WRAPPED = 40;
/** Single digits need this many in a row to be more than a rating or a list. */
const LEAST_RUN = 7;

/**
 * Single digits, each apart from the next by blanks, line breaks and a mark, or by a few marks on one line. What is
 * between two is looked ahead at, so that it is matched in one way only.
 */
const SPREAD =
  /(?<![\w.])[(+]?\d(?:(?=((?:[ \t\n>]{1,6}[-.,/_*()]?[ \t\n]{0,4}|[-.,/_*()][ \t\n]{0,4}|(?:_|[^\w\n]){1,9})(?=\d)))\1\d(?!\d)){6,60}(?!\w)/g;
/** A number broken at a line end, with quotation marks of replies. */
const BROKEN = /(\d)([-./]?)[ \t]*\n[> \t]*([-./]?)(?=\d)/y;
const BROKEN_AT_BLANK = /(\d)[ \t]*\n[> \t]*(?=\d)/y;
/** Blanks around a dash between digits, or two dashes. */
const LOOSE_DASH = /(?<=\d)(?:[ \t]{1,3}--?[ \t]{0,3}|--?[ \t]{1,3}|--)(?=\d)/g;

/**
 * The text with numbers put together that were spread out: runs of single digits (`3 6 9 - 0 6 - 5 7 2 8`), numbers
 * broken at a line end, and blanks around a dash. Undefined when there is nothing to join. Numbers that merely stand
 * beside or below each other are left alone.
 */
export function joinDigits(normalised: string, hints = textHints(normalised)): JoinedText | undefined {
  const edits: Edit[] = [];
  // For hints what isn't ASCII is a letter, wherever it stands: between spread digits, or beside spread letters.
  if (hints.spreadDigits || hints.wide) {
    for (const match of normalised.matchAll(SPREAD)) {
      const joined = joinSpread(match[0]);
      if (joined !== undefined) {
        edits.push({ start: match.index, end: match.index + match[0].length, replacement: joined });
      }
    }
  }
  if (hints.brokenNumber) {
    for (const match of atLineEnds(normalised, BROKEN)) {
      const [whole, , before = '', after = ''] = match;
      const start = match.index + 1;
      const marked = before !== '' || after !== '';
      if (!marked && !longLineBefore(normalised, match.index)) continue;
      if (before !== '' && after !== '') continue;
      edits.push({ start, end: match.index + whole.length, replacement: before + after });
    }
  }
  if (hints.looseDash) {
    for (const match of normalised.matchAll(LOOSE_DASH)) {
      edits.push({ start: match.index, end: match.index + match[0].length, replacement: '-' });
    }
  }
  // One by one: a call takes no more than some ten thousand arguments.
  const add = (found: readonly Edit[]) => {
    for (const edit of found) edits.push(edit);
  };
  if (hints.manyDigits) add(oddGroups(normalised));
  if (hints.gluedDigits || hints.dashedWord) add(gluedNumbers(normalised));
  // A letter between digits looks like one that is glued to them.
  if (hints.gluedDigits || normalised.includes('|')) add(lettersForDigits(normalised));
  if (hints.speltDigits || hints.wide) add(speltDigits(normalised));
  if (hints.wide) add(brailleText(normalised));
  if (hints.toldNumber || hints.spreadLetters || hints.wide) add(toldNumbers(normalised));
  if (hints.spreadLetters || hints.wide) add(spreadWords(normalised));
  return edits.length === 0 ? undefined : apply(normalised, edits);
}

/**
 * The text with line ends inside numbers as blanks, for numbers in groups that wrapped (`… 369` / `06 5728`), and with
 * words that a dash breaks at a line end put together. Undefined when there is none.
 */
export function joinLines(normalised: string, hints = textHints(normalised)): JoinedText | undefined {
  const edits: Edit[] = hints.brokenWord ? [...brokenWords(normalised)] : [];
  for (const match of hints.brokenNumber ? atLineEnds(normalised, BROKEN_AT_BLANK) : []) {
    if (!longLineBefore(normalised, match.index)) continue;
    edits.push({ start: match.index + 1, end: match.index + match[0].length, replacement: ' ' });
  }
  return edits.length === 0 ? undefined : apply(normalised, edits);
}

/** Matches that begin with the digit, perhaps before a mark, at the end of a line: only there are they looked for. */
function* atLineEnds(text: string, pattern: RegExp): Generator<RegExpExecArray> {
  for (let line = text.indexOf('\n'); line !== -1; line = text.indexOf('\n', line + 1)) {
    let at = line - 1;
    while (at >= 0 && isBlank(text.charCodeAt(at))) at--;
    if (at > 0 && isMark(text.charCodeAt(at))) at--;
    const code = text.charCodeAt(at);
    if (!(code >= 0x30 && code <= 0x39)) continue;
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) yield match;
  }
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** Dash, point, slash. */
function isMark(code: number): boolean {
  return code === 0x2d || code === 0x2e || code === 0x2f;
}

function joinSpread(text: string): string | undefined {
  const digits = text.replace(/\D/g, '');
  if (digits.length < LEAST_RUN || isCounting(digits)) return undefined;
  const gaps = text.match(/(?<=\d)\D+(?=\d)/g) ?? [];
  const marks = gaps.filter((gap) => /[^ \t\n>]/.test(gap)).length;
  // A mark in every gap only spreads the digits; marks in some of them group the number, and so do dashes among others.
  if (marks < gaps.length) return text.replace(/[ \t\n>]/g, '');
  const bare = gaps.map((gap) => gap.trim());
  const usual = mostFrequent(bare);
  return [...digits].map((digit, at) => `${digit}${groups(bare[at], usual) ? '-' : ''}`).join('');
}

function groups(gap: string | undefined, usual: string): boolean {
  return gap !== undefined && gap !== usual && gap.includes('-');
}

function mostFrequent(list: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const one of list) counts.set(one, (counts.get(one) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best), ['', 0] as const)[0];
}

/** A scale such as 1 2 3 4 5 6 7 8 9, up or down, or one digit repeated (rows of a table). */
function isCounting(digits: string): boolean {
  const step = digits.charCodeAt(1) - digits.charCodeAt(0);
  if (Math.abs(step) > 1) return false;
  for (let i = 1; i < digits.length; i++) {
    if (digits.charCodeAt(i) - digits.charCodeAt(i - 1) !== step) return false;
  }
  return true;
}

function longLineBefore(text: string, at: number): boolean {
  for (let i = at; i > at - WRAPPED; i--) {
    if (i < 0 || text.charCodeAt(i) === 0x0a) return false;
  }
  return true;
}

function apply(text: string, edits: readonly Edit[]): JoinedText {
  const { text: joined, toSource, coveredBy } = applyEdits(text, edits);
  return { text: joined, toNormalised: toSource, coveredBy };
}
