import { type OffsetMap, offsetMapBuilder } from './offset-map.js';

/** A stretch of a text and what is read in its place. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

export interface EditedText {
  readonly text: string;
  /** Offset in the text as it was that belongs to an offset in `text`. */
  readonly toSource: OffsetMap;
  /** Everything in the text as it was that a stretch of `text` was made from: what was replaced counts as a whole. */
  readonly coveredBy: (start: number, end: number) => { readonly start: number; readonly end: number };
}

/** Applies edits, in whatever order they are given; of edits that overlap the earlier counts, then the longer. */
export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const ordered = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: string[] = [];
  const map = offsetMapBuilder();
  const replaced: Replaced[] = [];
  let length = 0;
  let at = 0;
  const push = (piece: string, from: number) => {
    map.mark(length, from);
    pieces.push(piece);
    length += piece.length;
  };
  for (const edit of ordered) {
    if (edit.start < at) continue;
    if (edit.replacement !== '') replaced.push({ at: length + edit.start - at, edit });
    push(text.slice(at, edit.start), at);
    push(edit.replacement, edit.start);
    at = edit.end;
  }
  push(text.slice(at), at);
  const toSource = map.build(text.length);
  return {
    text: pieces.join(''),
    toSource,
    coveredBy: (start, end) => {
      const last = Math.max(start, end - 1);
      return {
        start: replacedAt(replaced, start)?.start ?? toSource(start),
        end: replacedAt(replaced, last)?.end ?? toSource(last) + 1,
      };
    },
  };
}

/** An edit, and where what it put there begins. */
interface Replaced {
  readonly at: number;
  readonly edit: Edit;
}

/** The edit that made what stands there, found by bisection. */
function replacedAt(replaced: readonly Replaced[], offset: number): Edit | undefined {
  let low = 0;
  let high = replaced.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((replaced[middle]?.at ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const found = replaced[low - 1];
  return found !== undefined && offset < found.at + found.edit.replacement.length ? found.edit : undefined;
}
