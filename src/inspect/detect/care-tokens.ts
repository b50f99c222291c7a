import type { Span } from './scan.js';
import { isIn, type Stretch } from './signature.js';
import { addToHash, hashOf } from './word-table.js';

/**
 * A text as the care model reads it: what stands for names, health words and identifiers, and stems of all other words,
 * as hashes. Names that are known as such are left out, so that nothing depends on what somebody is called.
 */
export interface CareTokens {
  /** Hashes of marks, stems, marks of numbers and of punctuation, in text order. */
  readonly sequence: readonly number[];
  /** Hashes of the marks among them. */
  readonly marks: readonly number[];
  /** Hashes of what is known of marks beside their kind: how sure a name is, which health word it is. */
  readonly details: readonly number[];
}

/** What the same tokens are called, for those who train the model: an entry for each of the hashes. */
export interface CareSpelling {
  readonly sequence: string[];
  readonly details: string[];
}

export const NAME = '<N>';
/** In a signature: names whoever writes. */
export const SIGNED_NAME = '<NS>';
export const HEALTH_MARKS = { low: '<Hl>', medium: '<Hm>', high: '<Hh>' } as const;
export const IDENTIFIER = '<I>';
const BLANK_LINE = '¶';
const LINE = '↵';

/** Letters with marks are letters. */
const FIRST_MARKED = 0xc0;
/** Dashes, quotation marks and the like. */
const GENERAL_PUNCTUATION = 0x2000;
const BEHIND_GENERAL_PUNCTUATION = 0x2070;
const LONGEST_NUMBER = 5;
const NUMBERS = Array.from({ length: LONGEST_NUMBER }, (_, i) => '0'.repeat(i + 1));
const PUNCTUATION = new Map([...'?!:.,;'].map((mark) => [mark.charCodeAt(0), mark]));
const HASHES = new Map(
  [
    NAME,
    SIGNED_NAME,
    ...Object.values(HEALTH_MARKS),
    IDENTIFIER,
    BLANK_LINE,
    LINE,
    ...NUMBERS,
    ...PUNCTUATION.values(),
  ].map((token) => [token, hashOf(token)]),
);

/** The marks of a stretch, in text order, of which none reaches into another. */
export interface CareMark {
  readonly span: Span;
  readonly start: number;
  readonly end: number;
  readonly token: string;
  readonly detail: string;
}

/** Whether a mark stands for a name, in a signature or elsewhere. */
export function isNameMark({ token }: CareMark): boolean {
  return token === NAME || token === SIGNED_NAME;
}

/** Whether a mark stands for a health word, however weak. */
export function isHealthMark({ span }: CareMark): boolean {
  return span.detector.info.class === 'health';
}

/** Names, health words, and identifiers that are surely such. Where two overlap, the first or else the longer one counts. */
export function careMarks(spans: readonly Span[], signed: readonly Stretch[]): readonly CareMark[] {
  const marks: CareMark[] = [];
  for (const span of spans) {
    const mark = markOf(span, signed);
    if (mark !== undefined) marks.push(mark);
  }
  marks.sort((a, b) => a.start - b.start || b.end - a.end);
  let end = 0;
  return marks.filter((mark) => {
    if (mark.start < end) return false;
    end = mark.end;
    return true;
  });
}

function markOf(span: Span, signed: readonly Stretch[]): CareMark | undefined {
  const { start, end, confidence, detector, ofPatient, value } = span;
  if (detector.identifies === 'name') {
    const role = `${span.ofProfessional === true ? 'd' : ''}${ofPatient === true ? 'p' : ''}`;
    const detail = `/name-${confidence}-${role}${value.includes(' ') ? 2 : 1}`;
    return { span, start, end, token: isIn(signed, start) ? SIGNED_NAME : NAME, detail };
  }
  if (detector.info.class === 'health')
    return { span, start, end, token: HEALTH_MARKS[confidence], detail: `/${value.replaceAll(' ', '_')}` };
  if (confidence === 'low') return undefined;
  const owner = ofPatient === true ? '-p' : '';
  return { span, start, end, token: IDENTIFIER, detail: `/${detector.info.name}${owner}` };
}

/** A stretch of a text in small letters, with the marks of the text. */
export interface CareStretch {
  readonly lower: string;
  readonly from: number;
  readonly to: number;
  readonly marks: readonly CareMark[];
}

/** The tokens of stretches, as if an empty line parted them: a subject, and what stands below it. */
export function careTokens(stretches: readonly CareStretch[], spelling?: CareSpelling): CareTokens {
  const sequence: number[] = [];
  const found: number[] = [];
  const details: number[] = [];
  for (const [i, { lower, from, to, marks }] of stretches.entries()) {
    if (i > 0) add(BLANK_LINE, sequence, spelling);
    let at = from;
    for (const mark of marks) {
      if (mark.start < at) continue;
      if (mark.start >= to) break;
      readWords(lower, at, mark.start, sequence, spelling);
      add(mark.token, sequence, spelling);
      found.push(HASHES.get(mark.token) ?? 0);
      details.push(hashOf(mark.detail));
      spelling?.details.push(mark.detail);
      at = mark.end;
    }
    readWords(lower, at, to, sequence, spelling);
  }
  return { sequence, marks: found, details };
}

function readWords(lower: string, from: number, to: number, into: number[], spelling?: CareSpelling): void {
  for (let at = from; at < to; ) {
    const code = lower.charCodeAt(at);
    const start = at;
    if (isLetter(code)) {
      at++;
      while (at < to && isLetter(lower.charCodeAt(at))) at++;
      // "can't", "she's"
      const whole = at + 1 < to && isApostrophe(lower.charCodeAt(at)) && isLetter(lower.charCodeAt(at + 1));
      if (whole) {
        at += 2;
        while (at < to && isLetter(lower.charCodeAt(at))) at++;
      }
      const end = whole ? at : stemEnd(lower, start, at);
      into.push(hashOfStretch(lower, start, end));
      spelling?.sequence.push(lower.slice(start, end).replaceAll('’', "'"));
    } else if (isDigit(code)) {
      while (at < to && isDigit(lower.charCodeAt(at))) at++;
      add(NUMBERS[Math.min(at - start, LONGEST_NUMBER) - 1], into, spelling);
    } else if (code === LINE_FEED) {
      const blank = lower.charCodeAt(at + 1) === LINE_FEED;
      while (lower.charCodeAt(at) === LINE_FEED) at++;
      add(blank ? BLANK_LINE : LINE, into, spelling);
    } else {
      at++;
      const mark = PUNCTUATION.get(code);
      if (mark !== undefined) add(mark, into, spelling);
    }
  }
}

function add(token: string | undefined, into: number[], spelling: CareSpelling | undefined): void {
  if (token === undefined) return;
  into.push(HASHES.get(token) ?? 0);
  spelling?.sequence.push(token);
}

/** The same for both signs of an apostrophe. */
function hashOfStretch(lower: string, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) {
    const code = lower.charCodeAt(i);
    hash = addToHash(hash, code === 0x2019 ? 0x27 : code);
  }
  return hash;
}

const LEAST_STEMMED = 5;
/** The longest first. */
const ENDINGS = ['ingly', 'edly', 'ings', 'ing', 'ies', 'ied', 'es', 'ed', 'ly', 's'];
const LEAST_STEM = 3;
const NO_ENDINGS: readonly string[] = [];
const BY_LAST = new Map(
  [...'gyds'].map((last) => [last.charCodeAt(0), ENDINGS.filter((one) => one.endsWith(last))]),
);

function endingsOf(last: number): readonly string[] {
  return BY_LAST.get(last) ?? NO_ENDINGS;
}

/** Where a word's stem ends: its forms share it ("refilled", "refills", "refill"). */
function stemEnd(lower: string, start: number, end: number): number {
  if (end - start < LEAST_STEMMED) return end;
  const ending = endingsOf(lower.charCodeAt(end - 1)).find(
    (one) => end - start - one.length >= LEAST_STEM && lower.endsWith(one, end),
  );
  let last = ending === undefined ? end : end - ending.length;
  const isDoubled = last - start > LEAST_STEM && lower.charCodeAt(last - 1) === lower.charCodeAt(last - 2);
  if (ending !== undefined && isDoubled && !'ls'.includes(lower.charAt(last - 1))) last--;
  while (last - start > LEAST_STEM && 'ey'.includes(lower.charAt(last - 1))) last--;
  return last;
}

const LINE_FEED = 0x0a;

function isLetter(code: number): boolean {
  if (code < FIRST_MARKED) return code >= 0x61 && code <= 0x7a;
  return code < GENERAL_PUNCTUATION || code >= BEHIND_GENERAL_PUNCTUATION;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isApostrophe(code: number): boolean {
  return code === 0x27 || code === 0x2019;
}
