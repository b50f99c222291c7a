import { bitOf } from './detect/clue-words.js';
import type { TextClues } from './detect/text-clues.js';
import type { Edit } from './text-edits.js';

/** Words with which labels of people's numbers begin. */
const BEGINS = bitOf('recordLabel') | bitOf('planLabel') | bitOf('bankLabel') | bitOf('column');

/** Words that say by themselves what stands behind them. */
const ALONE = 'mrn|ssn|dob|d\\.o\\.b\\.?|(?:date[ _-]?of[ _-]?)?birth(?:[ _-]?date)?|social[ _-]?security';
/** Words that do so with another. */
const TOGETHER =
  'medical[ _-]?record|patient|pt|chart|hospital|encounter|member|subscriber|insurance|policy|health[ _-]?plan|medicare|medicaid|account';
const NUMBER = '[ _-]?(?:id|identifier|numbers?|num|nbr|no\\.?|#)(?![a-z])';
const LABEL = `(?:(?:patient|pt)(?:'s)?[ _-]?)?(?:(?:${ALONE})(?![a-z])(?:${NUMBER})?|(?:${TOGETHER})${NUMBER})`;
/** A label that is a line of its own, up to the line with the value, which is nothing but that. */
const ABOVE = new RegExp(
  `${LABEL}([ \\t]{0,3}[:#]?[ \\t]{0,3}(?:\\n[> \\t]{0,8}){1,4})(?=([a-z-]{0,6}\\d[a-z0-9./-]{0,20}(?: [a-z0-9][a-z0-9./-]{0,20}){0,3}|[a-z]{3,9}\\.? \\d{1,2},? \\d{4})[ ]{0,3}(?:[\\t\\n]|$))`,
  'iy',
);
/** What else may stand between a label and its number: leaders, arrows, bullets and the like. */
const BESIDE = new RegExp(
  `${LABEL}([ \\t]{0,8}(?:[._]{2,80}[ \\t]{0,8})?[^\\w\\s.,;?!&+%$()]{0,3}[ \\t]{0,8})(?=[a-z]{0,3}-?(\\d[a-z0-9./-]{3,20})(?![a-z0-9]))`,
  'iy',
);
/** A label and a value that are each said to be so: pairs of JSON, fields of XFDF and FDF (ISO 19444-1, ISO 32000-1 12.7.7). */
const IN_PAIR = new RegExp(
  `${LABEL}(["']?[ \\t]{0,3}(?:,\\s{0,40}["']?(?:value|answer|response|val|text)[a-z]{0,12}["']?\\s{0,3}[:=]\\s{0,3}["']?|/?>\\s{0,40}<(?:\\w{1,9}:)?value(?:\\s[^<>]{0,80})?>\\s{0,9}|\\)\\s{0,9}/V\\s{0,9}\\())(?=([a-z]{0,5}-?\\d[a-z0-9./-]{3,20})(?![a-z0-9]))`,
  'iy',
);
/** What patterns of labels know. */
const KNOWN = /^[ \t]{0,3}(?:[#:=-][ \t]{0,3})?$/;
const LEAST_DIGITS = 4;
/** "Date" is no word of a label by itself. */
const QUOTED = /^[> \t*]*(?:date[ _-]?of[ _-]?)?$/i;
const LONGEST_MARGIN = 24;

/**
 * What stands between labels of people's numbers and these, as a colon, where patterns would look no further: a line end, or
 * several, as in pages that show labels above their values, leaders, arrows.
 * @param clues those of the text
 */
export function labelGaps(text: string, { allBits, wordStarts, wordBits }: TextClues): readonly Edit[] {
  const edits: Edit[] = [];
  if ((allBits & BEGINS) === 0) return edits;
  for (let i = 0, done = 0; i < wordStarts.length; i++) {
    const start = wordStarts[i] ?? 0;
    if (((wordBits[i] ?? 0) & BEGINS) === 0 || start < done) continue;
    const [label, gap = '', value = ''] =
      above(text, start) ?? beside(text, start) ?? inPair(text, start) ?? [];
    if (label === undefined || value.replace(/\D/g, '').length < LEAST_DIGITS) continue;
    done = start + label.length;
    edits.push({ start: done - gap.length, end: done, replacement: ': ' });
  }
  return edits;
}

function above(text: string, start: number): RegExpExecArray | undefined {
  // No further back: in an endless line that would be done for each word.
  const before = text.slice(Math.max(0, start - LONGEST_MARGIN), start);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  if (line.length === LONGEST_MARGIN || !QUOTED.test(line)) return undefined;
  ABOVE.lastIndex = start;
  return ABOVE.exec(text) ?? undefined;
}

function beside(text: string, start: number): RegExpExecArray | undefined {
  BESIDE.lastIndex = start;
  const found = BESIDE.exec(text);
  return found === null || KNOWN.test(found[1] ?? '') ? undefined : found;
}

function inPair(text: string, start: number): RegExpExecArray | undefined {
  IN_PAIR.lastIndex = start;
  return IN_PAIR.exec(text) ?? undefined;
}
