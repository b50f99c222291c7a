import { ENGLISH_DIGITS } from './digit-words.js';
import type { Edit } from './text-edits.js';

/** Says that the number behind it is a social security number, however it is written. */
const LABEL = /s[.\s]{0,2}s[.\s]{0,2}n\b|\bsocial\b|\bsoc\.? ?sec/i;
const LABEL_REACH = 60;
/** A line at least this long was probably wrapped by a program, so a number may go on in the next. */
const WRAPPED = 40;

/** Blanks, line ends and quotation marks of replies within a group of digits. */
const GAP = '[ \\t\\n>]{0,4}';
/** The same, and what else may stand between groups. */
const MARKS = '[ \\t\\n<>"\'\\-./_~:|=*+#,$`\\\\()[\\]{}]{1,9}';
const GROUPS = new RegExp(
  `(?<!\\d|\\d[-./:,])(\\d${GAP}\\d${GAP}\\d)(${MARKS})(\\d${GAP}\\d)(${MARKS})(\\d(?:${GAP}\\d){3})(?!\\d|[-./:,]\\d)`,
  'g',
);
/** The ways of writing that detectors know. */
const USUAL = /^\d{3}([-. ])\d\d\1\d{4}$/;
/** Drawn much like dashes, and hardly ever between other numbers. */
const DASHLIKE = /^[ \t]*[-_~]{1,2}[ \t]*$/;

/**
 * Numbers in the groups of a social security number with anything between the groups and within them, as detectors
 * know them. What numbers beside each other could look like too is only taken where a label stands before it.
 */
export function oddGroups(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const match of text.matchAll(GROUPS)) {
    const [whole, area = '', mark = '', group = '', secondMark = '', serial = ''] = match;
    if (USUAL.test(whole)) continue;
    const gaps = `${area}${group}${serial}`;
    const blanks = gaps.match(/[ \t>]+/g)?.length ?? 0;
    const sure =
      DASHLIKE.test(mark) &&
      DASHLIKE.test(secondMark) &&
      (blanks === 0 || blanks >= 3) &&
      (!gaps.includes('\n') || isWrapped(text, match.index + area.search(/\n|$/)));
    if (!sure && !hasLabel(text, match.index)) continue;
    const digits = (piece: string) => piece.replace(/\D/g, '');
    edits.push({
      start: match.index,
      end: match.index + whole.length,
      replacement: `${digits(area)}-${digits(group)}-${digits(serial)}`,
    });
  }
  return edits;
}

const LOOKS: Readonly<Record<string, string>> = {
  O: '0',
  o: '0',
  I: '1',
  l: '1',
  '|': '1',
  S: '5',
  B: '8',
  Z: '2',
  ƻ: '2',
  З: '3',
  з: '3',
  Ӡ: '3',
  Ʒ: '3',
  Ȝ: '3',
  Ꮞ: '4',
  Ƽ: '5',
  б: '6',
  Ꮾ: '6',
  Ȣ: '8',
  ȣ: '8',
};
const LOOK = `[\\d${Object.keys(LOOKS).join('')}]`;
const LETTER_LIKE = /[^\d]/g;
/** From its first dash, which is rarer than what stands before it. */
const WITH_LETTERS = new RegExp(`-(?=${LOOK}{2}-${LOOK}{4}(?!\\w))(?<=(?<!\\w)${LOOK}{3}-)`, 'g');

/** Letters that are drawn like digits, in a number that has at least five digits. */
export function lettersForDigits(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const { index } of text.matchAll(WITH_LETTERS)) {
    const start = index - 3;
    const end = index + 8;
    const whole = text.slice(start, end);
    const digits = whole.match(/\d/g)?.length ?? 0;
    if (digits < 5 || digits === 9) continue;
    edits.push({
      start,
      end,
      replacement: whole.replace(LETTER_LIKE, (letter) => LOOKS[letter] ?? letter),
    });
  }
  return edits;
}

const DIGIT_WORDS: Readonly<Record<string, string>> = {
  ...ENGLISH_DIGITS,
  〇: '0',
  零: '0',
  一: '1',
  二: '2',
  三: '3',
  四: '4',
  五: '5',
  六: '6',
  七: '7',
  八: '8',
  九: '9',
  ...ofRow('〡〢〣〤〥〦〧〨〩'),
  ...ofRow('壹貳叁肆伍陸柒捌玖'),
  參: '3',
  ...ofRow('壱贰参肆伍陆柒捌玖'),
};
const CHINESE = Object.keys(DIGIT_WORDS)
  .filter((word) => word.length === 1 && word > 'z')
  .join('');

/** Each of them stands for its place, from one on. */
function ofRow(row: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...row].map((one, at) => [one, String(at + 1)]));
}
const WORD = '(?:zero|oh|o|one|two|three|four|five|six|seven|eight|nine)';
const SPELT = new RegExp(`\\b${WORD}(?:[\\s,.-]{1,4}${WORD}){6,30}\\b`, 'gi');
const SPELT_IN_CHINESE = new RegExp(`[${CHINESE}](?:[-,.\\s]{0,3}[${CHINESE}]){6,30}`, 'g');
/** As all of these are, but for the letters of `zero`: a range is looked for much faster, and most texts have nothing in it. */
const FAR_EAST = /[\u3000-\uffff]|[zero](?:[-,.\s]{0,3}[zero]){6}/;
const PARTS = new RegExp(`[a-z]+|[${CHINESE}]|[^a-z${CHINESE}]+`, 'g');

/** Numbers whose digits are spelt out one by one: `five zero one, two three, four five six seven`. */
export function speltDigits(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  for (const pattern of FAR_EAST.test(text) ? [SPELT, SPELT_IN_CHINESE] : [SPELT]) {
    for (const match of text.matchAll(pattern)) {
      const [whole] = match;
      const parts = whole.toLowerCase().match(PARTS) ?? [];
      const dashed = parts.every((part) => DIGIT_WORDS[part] !== undefined || /-/.test(part));
      let replacement = '';
      for (const part of parts) {
        // A mark between all words groups nothing.
        replacement += DIGIT_WORDS[part] ?? (/[,.]|-/.test(part) && !dashed ? '-' : '');
      }
      edits.push({
        start: match.index,
        end: match.index + whole.length,
        replacement: regrouped(replacement),
      });
    }
  }
  return edits;
}

/** Of `five-zero-one two-three …` the blanks group, so all that is left are nine digits. */
function regrouped(number: string): string {
  const digits = number.replace(/\D/g, '');
  return digits.length === 9 && !USUAL.test(number) ? digits : number;
}

/** Where a word and a number in groups run into each other. The number's first digit is found first: that is fast. */
const WORD_BEFORE = /\d(?<=(?<![\w-])[A-Za-z]{3,40}\d)\d{1,3}(?:[-/.]\d{2,4}){2,3}(?![\w-])/g;
const WORD_BEHIND = /\d(?=[A-Za-z]{3})(?<=(?<![\w-])\d{2,4}(?:[-/.]\d{2,4}){2,3})/g;

/** Dashes between words and a number, as in what was made one word for a file or an address. */
const DASH_BEFORE = /[-_](?=\d{3}-\d{2}-\d{4}(?!\d|-\d))(?<=[A-Za-z]{2}.)/g;
const DASH_BEHIND = /[-_](?=[A-Za-z])(?<=(?<!\d|\d-)\d{3}-\d{2}-\d{4}.)/g;

/** What every number in groups has. */
const GROUPED = /\d[-/.]\d{2,4}[-/.]\d{2}/;

/** Blanks between words and numbers that stand together without one, as where markup or a line end was lost. */
export function gluedNumbers(text: string): readonly Edit[] {
  const edits: Edit[] = [];
  if (!GROUPED.test(text)) return edits;
  for (const { index } of text.matchAll(WORD_BEFORE))
    edits.push({ start: index, end: index, replacement: ' ' });
  for (const { index } of text.matchAll(WORD_BEHIND)) {
    edits.push({ start: index + 1, end: index + 1, replacement: ' ' });
  }
  for (const pattern of [DASH_BEFORE, DASH_BEHIND]) {
    for (const { index } of text.matchAll(pattern))
      edits.push({ start: index, end: index + 1, replacement: ' ' });
  }
  return edits;
}

function hasLabel(text: string, at: number): boolean {
  return LABEL.test(text.slice(Math.max(0, at - LABEL_REACH), at));
}

/** Whether the line that ends at `at` is long, or a reply's. */
export function isWrapped(text: string, at: number): boolean {
  const start = text.lastIndexOf('\n', at - 1) + 1;
  return at - start >= WRAPPED || text.charCodeAt(start) === 0x3e;
}
