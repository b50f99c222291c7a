import type { Clue } from './clue.js';
import { bitOf } from './clue-words.js';
import { firstFrom, type TextClues } from './text-clues.js';

/** Stretches of a text, ascending and apart from each other. */
export interface Windows {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Digits that belong together lie within so many characters. */
const TOGETHER = 48;
/** A word is not cut, unless it is longer than this on either side of a window. */
const LONGEST_TOKEN = 64;

/** The stretches of a text that have so many digits together. They begin one character early, as context. */
export function digitWindows(clues: TextClues, clue: Extract<Clue, { digits: number }>): Windows {
  const windows = collector(clues, clue.before, clue.after);
  addDigits(clues, clue.digits, windows.around);
  return windows;
}

/** The stretches of a text in which names may stand. In a row of a table a name needs no other sign. */
export function nameWindows(clues: TextClues, rows: readonly Stretch[]): Windows {
  const windows = collector(clues, 0, 0);
  addNames(clues, windows.stretch);
  if (rows.length === 0) return windows;
  const { from, to } = windows;
  const all = [
    ...from.map((start, index) => ({ start, end: to[index] ?? start })),
    ...rows.map(withLineBreak),
  ];
  const merged = collector(clues, 0, 0);
  for (const { start, end } of all.sort((a, b) => a.start - b.start)) merged.stretch(start, end);
  return merged;
}

/** The rows of tables. */
export function rowWindows(rows: readonly Stretch[]): Windows {
  const lines = rows.map(withLineBreak);
  return { from: lines.map(({ start }) => start), to: lines.map(({ end }) => end) };
}

function withLineBreak({ start, end }: Stretch): Stretch {
  return { start: Math.max(0, start - 1), end };
}

function collector({ bytes }: TextClues, before: number, after: number) {
  const from: number[] = [];
  const to: number[] = [];
  const stretch = (start: number, end: number) => {
    const last = to.length - 1;
    if (last >= 0 && start <= (to[last] ?? 0)) {
      if (start < (from[last] ?? 0)) from[last] = start;
      if (end > (to[last] ?? 0)) to[last] = end;
      // One that begins earlier than the one before may reach into others.
      while (to.length > 1 && (from.at(-1) ?? 0) <= (to.at(-2) ?? 0)) {
        const lastFrom = from.pop() ?? 0;
        const lastTo = to.pop() ?? 0;
        const previous = to.length - 1;
        from[previous] = Math.min(from[previous] ?? 0, lastFrom);
        to[previous] = Math.max(to[previous] ?? 0, lastTo);
      }
      return;
    }
    from.push(start);
    to.push(end);
  };
  return {
    from,
    to,
    stretch,
    around(start: number, end: number) {
      let left = Math.max(0, start - before - 1);
      for (const least = Math.max(0, left - LONGEST_TOKEN); left > least && isWord(bytes[left]); ) left--;
      let right = Math.min(bytes.length, end + after);
      for (const most = Math.min(bytes.length, right + LONGEST_TOKEN); right < most && isWord(bytes[right]); )
        right++;
      stretch(left, right);
    },
  };
}

type Add = (start: number, end: number) => void;

function addDigits({ digitStarts, digitEnds }: TextClues, least: number, add: Add): void {
  let first = 0;
  let count = 0;
  for (let i = 0; i < digitStarts.length; i++) {
    const end = digitEnds[i] ?? 0;
    count += end - (digitStarts[i] ?? 0);
    while (first < i && end - (digitStarts[first] ?? 0) > TOGETHER) {
      count -= (digitEnds[first] ?? 0) - (digitStarts[first] ?? 0);
      first++;
    }
    if (count >= least) add(digitStarts[first] ?? 0, end);
  }
}

const NAME = bitOf('name') | bitOf('namePart');
const CUE = bitOf('nameCue');
/** From a label to the name behind it. */
const CUE_REACH = 48;
/** Names with what belongs to them are shorter. */
const NAME_REACH = 220;

/** Around common names, and around the first capital letter behind a title or label: whole runs of capitalised words. */
function addNames(clues: TextClues, add: Add): void {
  const { bytes, wordStarts, wordEnds, wordBits } = clues;
  if ((clues.allBits & (NAME | CUE)) === 0) return;
  for (let i = 0; i < wordStarts.length; i++) {
    const bits = wordBits[i] ?? 0;
    if ((bits & (NAME | CUE)) === 0) continue;
    const start = wordStarts[i] ?? 0;
    const end = wordEnds[i] ?? 0;
    if ((bits & NAME) !== 0) add(cutBefore(bytes, start), cutAfter(bytes, end));
    if ((bits & CUE) !== 0) {
      const capital = firstCapital(bytes, end, end + CUE_REACH);
      if (capital !== undefined) add(cutBefore(bytes, capital), cutAfter(bytes, capital));
    }
  }
}

function firstCapital(bytes: Uint8Array, from: number, to: number): number | undefined {
  const end = Math.min(to, bytes.length);
  for (let at = from; at < end; at++) {
    const code = bytes[at] ?? 0;
    if (code >= 0x41 && code <= 0x5a) return at;
  }
  return undefined;
}

/** A line break, or the blank before a small word that is no particle of names: no name reaches over either. */
function cutBefore(bytes: Uint8Array, from: number): number {
  const least = Math.max(0, from - NAME_REACH);
  for (let at = from - 1; at > least; at--) if (isCut(bytes, at)) return at;
  return least;
}

function cutAfter(bytes: Uint8Array, from: number): number {
  const most = Math.min(bytes.length, from + NAME_REACH);
  for (let at = from; at < most; at++) if (isCut(bytes, at)) return at;
  return most;
}

function isCut(bytes: Uint8Array, at: number): boolean {
  const code = bytes[at];
  if (code === 0x0a) return true;
  if (code !== 0x20) return false;
  for (let i = 1; i <= 6; i++) {
    const letter = bytes[at + i] ?? 0;
    if (letter < 0x61 || letter > 0x7a) return false;
  }
  return true;
}

function isWord(code: number | undefined): boolean {
  return (
    code !== undefined &&
    ((code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a))
  );
}

/** Between the windows of a condensed text: no pattern hits it, and words and lines end there. */
const GAP = '\n\x1a\x1a\n';

/** The windows of a text one behind another, so that few calls read them all. */
export interface CondensedText {
  readonly text: string;
  /** Where in the source a stretch of the condensed text begins; undefined where it isn't within one window. */
  readonly toSource: (start: number, end: number) => number | undefined;
}

const NOTHING: CondensedText = { text: '', toSource: () => undefined };

export function condense(shadow: string, { from, to }: Windows): CondensedText {
  if (from.length === 0) return NOTHING;
  const starts = new Int32Array(from.length);
  const pieces: string[] = [];
  let length = 0;
  for (let i = 0; i < from.length; i++) {
    starts[i] = length;
    const piece = shadow.slice(from[i], to[i]);
    pieces.push(piece);
    length += piece.length + GAP.length;
  }
  return {
    text: pieces.join(GAP),
    toSource(start, end) {
      const window = firstFrom(starts, start + 1) - 1;
      const windowStart = starts[window] ?? 0;
      const source = from[window] ?? 0;
      const size = (to[window] ?? 0) - source;
      // The first character of a window is context: what begins there may be the rest of something longer.
      if (start - windowStart >= size || end - windowStart > size) return undefined;
      if (start === windowStart && source > 0) return undefined;
      return source + start - windowStart;
    },
  };
}
