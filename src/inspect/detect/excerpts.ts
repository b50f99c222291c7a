import type { TextView } from '../text-view.js';
import type { TextClues } from './text-clues.js';

/** Rules look no further than this from what they judge; `classify` has the furthest reach. */
const REACH = 1_200;
/** Shorter texts are read again whole. */
const SHORT = 2_500;
const MOST_LINES = 100_000;
/** A text of which more than this is new is read whole. */
const MOST_NEW = 0.6;
/** An excerpt of an endless line ends between words, but for one so long that it is none. */
const LONGEST_WORD = 200;
/** So many lines of the earlier reading are looked through for the next one that both have. */
const LOOK_AHEAD = 48;

/** A text to read: one view, or a stretch of it. */
export interface Excerpt {
  readonly where: string;
  readonly text: string;
  /** Of a whole view, where they are known. */
  readonly clues?: TextClues | undefined;
}

interface Stretch {
  from: number;
  to: number;
}

/**
 * The texts to read of each view. Several readings of one place are mostly the same lines, so of a later one only
 * what is new is read: lines that the first doesn't have, and places where lines follow each other that there don't,
 * each with all that rules would look at around it.
 */
export function toRead(views: readonly TextView[]): readonly Excerpt[] {
  const first = new Map<string, string>();
  return views.flatMap(({ where, text, clues }) => {
    const earlier = first.get(where);
    if (earlier === undefined || !isComparable(earlier) || !isComparable(text)) {
      if (earlier === undefined || earlier.length < text.length) first.set(where, text);
      return [{ where, text, clues }];
    }
    const stretches = newStretches(earlier, text);
    const size = stretches.reduce((sum, { from, to }) => sum + to - from, 0);
    if (size > text.length * MOST_NEW) return [{ where, text, clues }];
    return stretches.map(({ from, to }) => ({ where, text: text.slice(from, to) }));
  });
}

/** Neither too short for the trouble, nor of so many lines that lists of them would fill the memory. */
function isComparable(text: string): boolean {
  if (text.length < SHORT) return false;
  if (text.length <= MOST_LINES) return true;
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1 && lines <= MOST_LINES; at = text.indexOf('\n', at + 1))
    lines++;
  return lines <= MOST_LINES;
}

/** What is new in `text`, with its surroundings, from the beginning of a line where that isn't endless. */
function newStretches(earlier: string, text: string): readonly Stretch[] {
  const stretches: Stretch[] = [];
  const add = (start: number, end: number) => {
    const lineStart = text.lastIndexOf('\n', Math.max(0, start - REACH)) + 1;
    const from = start - lineStart > REACH * 3 ? wordStart(text, Math.max(0, start - REACH)) : lineStart;
    const to = wordEnd(text, Math.min(text.length, end + REACH));
    const last = stretches.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else stretches.push({ from, to });
  };
  // Where the next line of either begins. Whole pieces that are the same go by at once.
  let known = 0;
  let piece = LARGEST_PIECE;
  let ahead: Lines | undefined;
  for (let at = 0; at <= text.length; ) {
    if (piece >= SMALLEST_PIECE) {
      const same = sameLines(earlier, known, text, at, piece);
      at += same;
      known += same;
      piece = same > 0 ? Math.min(piece * 2, LARGEST_PIECE) : piece / 4;
      continue;
    }
    const end = lineEnd(text, at);
    const line = text.slice(at, end);
    if (isLineAt(earlier, known, line)) {
      known += line.length + 1;
      piece = SMALLEST_PIECE;
    } else {
      add(at, end);
      if (ahead?.from !== known) ahead = linesFrom(earlier, known);
      known = behindNext(earlier, ahead, line);
    }
    at = end + 1;
  }
  if (known <= earlier.length) add(text.length, text.length);
  return stretches;
}

/** Characters that are compared at once. */
const LARGEST_PIECE = 64 * 1024;
const SMALLEST_PIECE = 256;

/** Characters of the whole lines that both have from here on, if they have so many in common at all; else 0. */
function sameLines(earlier: string, known: number, text: string, at: number, size: number): number {
  if (at + size > text.length || known + size > earlier.length) return 0;
  if (text.slice(at, at + size) !== earlier.slice(known, known + size)) return 0;
  return Math.max(0, text.lastIndexOf('\n', at + size - 1) + 1 - at);
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}

function isLineAt(text: string, at: number, line: string): boolean {
  const end = at + line.length;
  // Not by looking for the end of the line that stands there, which may be megabytes away, for each short line anew.
  return (end === text.length || text.charCodeAt(end) === 0x0a) && text.startsWith(line, at);
}

/** Where the word begins that a place is in: a piece of a number is another number. */
function wordStart(text: string, place: number): number {
  for (let at = place; at > 0 && place - at <= LONGEST_WORD; at--) if (isBlank(text, at - 1)) return at;
  return place;
}

function wordEnd(text: string, place: number): number {
  for (let at = place; at < text.length && at - place <= LONGEST_WORD; at++) if (isBlank(text, at)) return at;
  return place;
}

function isBlank(text: string, at: number): boolean {
  return text.charCodeAt(at) <= 0x20;
}

interface Lines {
  readonly from: number;
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/** The next lines that are looked through. */
function linesFrom(text: string, from: number): Lines {
  const starts: number[] = [];
  const ends: number[] = [];
  for (let at = from; starts.length < LOOK_AHEAD && at <= text.length; ) {
    const end = lineEnd(text, at);
    starts.push(at);
    ends.push(end);
    at = end + 1;
  }
  return { from, starts, ends };
}

/** Behind the next line that is the same; where none follows soon, the same place. */
function behindNext(text: string, { from, starts, ends }: Lines, line: string): number {
  for (let i = 0; i < starts.length; i++) {
    const start = starts[i] ?? 0;
    const end = ends[i] ?? 0;
    if (end - start === line.length && text.startsWith(line, start)) return end + 1;
  }
  return from;
}
