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
}

/** Applies edits, in whatever order they are given; of edits that overlap the earlier counts, then the longer. */
export function applyEdits(text: string, edits: readonly Edit[]): EditedText {
  const ordered = [...edits].sort((a, b) => a.start - b.start || b.end - a.end);
  const pieces: string[] = [];
  const map = offsetMapBuilder();
  let length = 0;
  let at = 0;
  const push = (piece: string, from: number) => {
    map.mark(length, from);
    pieces.push(piece);
    length += piece.length;
  };
  for (const edit of ordered) {
    if (edit.start < at) continue;
    push(text.slice(at, edit.start), at);
    push(edit.replacement, edit.start);
    at = edit.end;
  }
  push(text.slice(at), at);
  return { text: pieces.join(''), toSource: map.build(text.length) };
}
