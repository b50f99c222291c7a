import type { TextClues } from './text-clues.js';
import type { Windows } from './windows.js';

/**
 * Where names may stand in the windows of a text: runs of one to four capitalised words ("Jane Q. de Roe"), and two
 * words with a comma between ("ROE, JANE Q."). Written by hand for speed, as these two patterns, each leftmost first:
 *
 *     WORD      [A-Z][a-z]{0,4}['-]?[A-Z]?[a-z]{1,20}(-[A-Z][a-z]{1,20})? | [A-Z]{2,20}
 *     INITIAL   [A-Z]\.?
 *     run       WORD ([ \t] ((PARTICLE ' '){0,2} WORD | INITIAL)){0,3}
 *     in lists  WORD ,[ \t]? WORD ([ \t] INITIAL)?
 */
export type AddRun = (start: number, end: number) => void;

/** Runs of capitalised words. */
export function nameRuns({ bytes }: TextClues, windows: Windows, add: AddRun): void {
  search(bytes, windows, runEnd, add);
}

/** Two names with a comma between. */
export function commaNames({ bytes }: TextClues, windows: Windows, add: AddRun): void {
  search(bytes, windows, commaNameEnd, add);
}

type Matcher = (bytes: Uint8Array, at: number, to: number) => number;

function search(bytes: Uint8Array, windows: Windows, endOf: Matcher, add: AddRun): void {
  for (let i = 0; i < windows.from.length; i++) {
    const from = windows.from[i] ?? 0;
    const to = windows.to[i] ?? 0;
    for (let at = from; at < to; ) {
      const end = isUpper(bytes[at] ?? 0) ? endOf(bytes, at, to) : NO_MATCH;
      if (end === NO_MATCH) {
        at++;
        continue;
      }
      // The first character of a window is context: what begins there may be the rest of something longer.
      if (at > from || from === 0) add(at, end);
      at = end;
    }
  }
}

const NO_MATCH = -1;
/** Letters of a word, and of those before an apostrophe, dash or capital within it. */
const LONGEST = 20;
const LONGEST_HEAD = 4;
const MORE_WORDS = 3;
const MOST_PARTICLES = 2;

function runEnd(bytes: Uint8Array, at: number, to: number): number {
  let end = wordEnd(bytes, at, to);
  if (end === NO_MATCH) return NO_MATCH;
  for (let more = 0; more < MORE_WORDS && isBlank(end < to ? (bytes[end] ?? 0) : 0); more++) {
    let next = wordEnd(bytes, behindParticles(bytes, end + 1, to), to);
    if (next === NO_MATCH) next = initialEnd(bytes, end + 1, to);
    if (next === NO_MATCH) break;
    end = next;
  }
  return end;
}

function commaNameEnd(bytes: Uint8Array, at: number, to: number): number {
  const comma = wordBeforeComma(bytes, at, to);
  if (comma === NO_MATCH) return NO_MATCH;
  const second = comma + 1 < to && isBlank(bytes[comma + 1] ?? 0) ? comma + 2 : comma + 1;
  const end = wordEnd(bytes, second, to);
  if (end === NO_MATCH || end >= to || !isBlank(bytes[end] ?? 0)) return end;
  const initial = initialEnd(bytes, end + 1, to);
  return initial === NO_MATCH ? end : initial;
}

/** The place of the comma behind a word. */
function wordBeforeComma(bytes: Uint8Array, at: number, to: number): number {
  const end = wordEnd(bytes, at, to);
  return end !== NO_MATCH && end < to && bytes[end] === 0x2c ? end : NO_MATCH;
}

/** Where the longest word ends that begins at a place. */
function wordEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to || !isUpper(bytes[at] ?? 0)) return NO_MATCH;
  const head = lowers(bytes, at + 1, to, LONGEST_HEAD);
  const mark = head < to ? (bytes[head] ?? 0) : 0;
  let end = NO_MATCH;
  if (mark === 0x27 || mark === 0x2d) {
    end = capitalised(bytes, head + 1, to);
    if (end === NO_MATCH) end = someLowers(bytes, head + 1, to);
  }
  if (end === NO_MATCH && isUpper(mark)) end = someLowers(bytes, head + 1, to);
  if (end === NO_MATCH) end = someLowers(bytes, head, to);
  if (end === NO_MATCH && head > at + 1) end = head;
  if (end === NO_MATCH) {
    let capitals = at;
    while (capitals < to && capitals - at < LONGEST && isUpper(bytes[capitals] ?? 0)) capitals++;
    return capitals - at >= 2 ? capitals : NO_MATCH;
  }
  if (end < to && bytes[end] === 0x2d) {
    const second = capitalised(bytes, end + 1, to);
    if (second !== NO_MATCH) return second;
  }
  return end;
}

/** A capital letter and small ones. */
function capitalised(bytes: Uint8Array, at: number, to: number): number {
  return at < to && isUpper(bytes[at] ?? 0) ? someLowers(bytes, at + 1, to) : NO_MATCH;
}

function someLowers(bytes: Uint8Array, at: number, to: number): number {
  const end = lowers(bytes, at, to, LONGEST);
  return end === at ? NO_MATCH : end;
}

function lowers(bytes: Uint8Array, at: number, to: number, most: number): number {
  const limit = Math.min(to, at + most);
  let end = at;
  while (end < limit && isLower(bytes[end] ?? 0)) end++;
  return end;
}

function initialEnd(bytes: Uint8Array, at: number, to: number): number {
  if (at >= to || !isUpper(bytes[at] ?? 0)) return NO_MATCH;
  return at + 1 < to && bytes[at + 1] === 0x2e ? at + 2 : at + 1;
}

const PARTICLES: readonly Uint8Array[] = 'de da del della di la le van von der den bin al el ter dos das'
  .split(' ')
  .map((word) => Buffer.from(`${word} `, 'latin1'));

function behindParticles(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (let count = 0; count < MOST_PARTICLES && at < to && isLower(bytes[at] ?? 0); count++) {
    const particle = PARTICLES.find((one) => stands(one, bytes, at, to));
    if (particle === undefined) break;
    at += particle.length;
  }
  return at;
}

function stands(word: Uint8Array, bytes: Uint8Array, at: number, to: number): boolean {
  if (at + word.length > to) return false;
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function isUpper(code: number): boolean {
  return code >= 0x41 && code <= 0x5a;
}

function isLower(code: number): boolean {
  return code >= 0x61 && code <= 0x7a;
}
