import { joinDigits, joinLines } from '../../inspect/joined-digits.js';
import { normalise } from '../../inspect/normalise.js';
import type { OffsetMap } from '../../inspect/offset-map.js';

/** A stretch of a text in UTF-16 code units; `end` is behind the last one. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Where the detectors that are to be redacted see something. */
export type Find = (text: string) => readonly Stretch[];

/** Shorter values stand in too many other words to be looked for by their letters. */
const LEAST_VALUE = 4;
const MOST_VALUES = 1000;

/**
 * The stretches of a text that hold what is to be redacted: what detectors see in it as the inspector reads it
 * (normalised, with spread numbers joined), and the values that they see in other readings of the same place.
 * @param values normalised
 * @returns in order, without overlaps
 */
export function sightingsIn(source: string, values: readonly string[], find: Find): readonly Stretch[] {
  const { text, toSource } = normalise(source);
  const found: Stretch[] = [];
  const add = (stretches: readonly Stretch[], map: OffsetMap) => {
    for (const one of stretches) found.push(inSource(source, one, map));
  };
  add(find(text), toSource);
  for (const joined of [joinDigits(text), joinLines(text), joinFlowed(text)]) {
    if (joined !== undefined) add(find(joined.text), (offset) => toSource(joined.toNormalised(offset)));
  }
  for (const value of values.slice(0, MOST_VALUES)) add(occurrences(text, value), toSource);
  return merged(found);
}

function inSource(source: string, { start, end }: Stretch, map: OffsetMap): Stretch {
  const from = map(start);
  // A character that became two ends where the next one begins.
  let to = Math.max(map(end), map(end - 1) + 1);
  // Nor is half a character, or a base without its marks, left behind.
  while (to < source.length && /[\p{M}\p{Cf}\udc00-\udfff]/u.test(source[to] ?? '')) to += 1;
  return { start: from, end: to };
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
  return found;
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
