import type { Edit } from './text-edits.js';

/**
 * Single letters, each apart from the next by one blank (three or more), by one point (four or more), or by the same
 * other mark or line break (five or more).
 */
const SPREAD =
  /(?<![\w.'])[A-Za-z](?:(?: [A-Za-z]){2,40}|(?:\.[A-Za-z]){3,40}|([\n_|/*~,;:'`^+=#\\()[\]{}<>-])[A-Za-z](?:\1[A-Za-z]){3,40})(?![\w'])/g;
const BROKEN = /-[ \t]*\n[> \t]*(?=[a-z])(?<=[A-Za-z]{2}-[ \t]*\n[> \t]*)/g;

/** Words whose letters were spread out: `S S N`, `a.s.t.h.m.a`. */
export function spreadWords(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const match of text.matchAll(SPREAD)) {
    const [whole] = match;
    edits.push({
      start: match.index,
      end: match.index + whole.length,
      replacement: whole.replace(/[^A-Za-z]/g, ''),
    });
  }
  return edits;
}

/** Words broken at the end of a line, behind a dash. */
export function brokenWords(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const match of text.matchAll(BROKEN)) {
    edits.push({ start: match.index, end: match.index + match[0].length, replacement: '' });
  }
  return edits;
}
