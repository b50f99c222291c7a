import { hl7Reading } from '../../inspect/hl7-readings.js';
import { joinDigits, joinLines } from '../../inspect/joined-digits.js';
import { plainLabels } from '../../inspect/labels.js';
import { normalise } from '../../inspect/normalise.js';
import { composeMaps, type OffsetMap } from '../../inspect/offset-map.js';
import { readText } from '../../inspect/text-reading.js';
import { unmarked } from '../../inspect/unmarked.js';
import { visualOrder } from '../../inspect/visual-order.js';

/** A stretch of a text in UTF-16 code units; `end` is behind the last one. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where the detectors that are to be redacted see something. */
export type Find = (text: string) => readonly Stretch[];

/** What is to be redacted in one place of a message. */
export interface Wanted {
  readonly find: Find;
  /** What detectors see in some reading of this place, normalised. */
  readonly here: readonly string[];
  /** Finds, by their words alone, what they see anywhere in the message. */
  readonly anywhere: Find;
}

/** Shorter values stand in too many other words to be looked for by their letters. */
const LEAST_VALUE = 4;
const MOST_VALUES = 1000;
/** Letters and digits of a number that is looked for in other spellings. */
const LEAST_NUMBER = 6;
const MOST_NUMBER = 40;
/** Characters that aren't drawn, behind a sighting, that go with it. */
const MOST_MARKS = 32;

/**
 * The stretches of a text that hold what is to be redacted: what detectors see in it as the inspector reads it
 * (normalised, as it is drawn, with spread numbers joined, marks left out and labels as plain ones), and the values that they see in other
 * readings and places.
 * @returns in order, without overlaps
 */
export function sightingsIn(source: string, { find, here, anywhere }: Wanted): readonly Stretch[] {
  const found: Stretch[] = [];
  const add = (stretches: readonly Stretch[], map: OffsetMap) => {
    for (const one of stretches) found.push(inSource(source, one, map));
  };
  const { text, toSource } = normalise(source);
  add(find(text), toSource);
  for (const derived of [
    joinDigits(text),
    joinLines(text),
    hl7Reading(text),
    unmarked(text),
    plainLabels(text, readText(text).clues),
  ]) {
    if (derived === undefined) continue;
    // What is read in the place of words may be shorter than they are, so they count as a whole.
    const covered = find(derived.text).map(({ start, end }) => derived.coveredBy(start, end));
    add(covered, toSource);
  }
  const drawn = visualOrder(source);
  if (drawn !== undefined) {
    // Of what is drawn in another order the place is known to the line, and the whole line goes.
    const visual = normalise(drawn.text);
    const toLine = composeMaps(visual.toSource, drawn.toSource);
    for (const { start, end } of find(visual.text))
      found.push(linesOf(source, toLine(start), toLine(end - 1)));
  }
  const flowed = joinFlowed(text);
  if (flowed !== undefined) add(find(flowed.text), composeMaps(flowed.toNormalised, toSource));
  add(anywhere(text), toSource);
  for (const value of here.slice(0, MOST_VALUES)) add(occurrences(text, value), toSource);
  return merged(found);
}

/** All of the source between the first and the last character of a sighting, in whatever order these stand there. */
function inSource(source: string, { start, end }: Stretch, map: OffsetMap): Stretch {
  let from = source.length;
  let to = 0;
  for (let at = start; at < end; at++) {
    const place = map(at);
    from = Math.min(from, place);
    // A character that became two ends where the next one begins.
    to = Math.max(to, place + 1);
  }
  const next = map(end);
  if (next >= to && next - to <= MOST_MARKS) to = next;
  // Nor is half a character, or a base without its marks, left behind.
  while (to < source.length && /[\p{M}\p{Cf}\udc00-\udfff]/u.test(source[to] ?? '')) to += 1;
  return { start: from, end: to };
}

/** The lines from one offset to another, without the last line end. */
function linesOf(source: string, first: number, last: number): Stretch {
  const end = source.indexOf('\n', last);
  const to = end < 0 ? source.length : end;
  return { start: source.lastIndexOf('\n', first - 1) + 1, end: source[to - 1] === '\r' ? to - 1 : to };
}

/** format=flowed (RFC 3676): a blank at the end of a line means that the paragraph goes on. */
function joinFlowed(text: string): { readonly text: string; readonly toNormalised: OffsetMap } | undefined {
  if (!text.includes(' \n')) return undefined;
  const removed: number[] = [];
  const joined = text.replace(/ \n(?=[^\s>-])/g, (_whole, at: number) => {
    removed.push(at + 1);
    return ' ';
  });
  if (removed.length === 0) return undefined;
  return {
    text: joined,
    toNormalised: (offset) => {
      // As many line breaks were taken out as stand before the place: the k-th one at `removed[k] - k` of the joined text.
      let low = 0;
      let high = removed.length;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((removed[middle] ?? 0) - middle <= offset) low = middle + 1;
        else high = middle;
      }
      return offset + low;
    },
  };
}

function occurrences(text: string, value: string): readonly Stretch[] {
  const found: Stretch[] = [];
  if (value.length < LEAST_VALUE) return found;
  for (let at = text.indexOf(value); at >= 0; at = text.indexOf(value, at + value.length)) {
    const end = at + value.length;
    if (!isWord(text[at - 1]) && !isWord(text[end])) found.push({ start: at, end });
  }
  const spelling = otherSpellings(value);
  if (spelling !== undefined)
    for (const { 0: match, index } of text.matchAll(spelling))
      found.push({ start: index, end: index + match.length });
  return found;
}

/** A number with other separators, or none, between its characters. */
function otherSpellings(value: string): RegExp | undefined {
  const characters = value.match(/[\p{L}\p{N}]/gu) ?? [];
  if (characters.length < LEAST_NUMBER || characters.filter((one) => /\d/.test(one)).length < LEAST_VALUE)
    return undefined;
  if (characters.length > MOST_NUMBER) return undefined;
  return new RegExp(
    `(?<![\\p{L}\\p{N}])${characters.join('[^\\p{L}\\p{N}\\n]{0,3}')}(?![\\p{L}\\p{N}])`,
    'gu',
  );
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\p{L}\p{N}]/u.test(character);
}

/** In order, those that touch or overlap as one, empty ones left out. */
export function merged(stretches: readonly Stretch[]): readonly Stretch[] {
  const out: { start: number; end: number }[] = [];
  for (const { start, end } of [...stretches].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = out.at(-1);
    if (end <= start) continue;
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else out.push({ start, end });
  }
  return out;
}
