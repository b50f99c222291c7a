import { ENGLISH_DIGITS } from './digit-words.js';
import type { Edit } from './text-edits.js';

/** Says that the number behind it is a social security number, as people say it. */
const LABEL =
  /\bs\.?\s?s\.?\s?n\b|\bsocial(?! (?:media|work|network|distanc|histor|determin|event|club|care|service))|\bsoc\.? ?sec\b/gi;
/** One look for either: most texts have neither. */
const TRIGGER = /s\.?\s?s\.?\s?n|soc|dash|hyphen|minus/i;
const DASH_WORD = /\b(?:dash|hyphen|minus)\b/gi;
/** Three digits in front of such a word. */
const AREA_BEFORE =
  /(?<![\w-])(?:\d{3}|(?:(?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine)[\s,.-]{1,3}){2}(?:\d|zero|oh|one|two|three|four|five|six|seven|eight|nine))[\s,(["']{1,3}$/i;
const LONGEST_AREA = 30;

/** So far behind its label a number may end, and so many other words may stand in front of it. */
const REACH = 200;
const MOST_LEADING = 4;

const DIGITS: Readonly<Record<string, string>> = {
  ...ENGLISH_DIGITS,
  cero: '0',
  uno: '1',
  dos: '2',
  tres: '3',
  cuatro: '4',
  cinco: '5',
  seis: '6',
  siete: '7',
  ocho: '8',
  nueve: '9',
};
/** Words between the digits of a number that is told. */
const BETWEEN = new Set(
  'dash hyphen minus then and next followed by space blank point dot stop stroke slash with is are the digits digit numbers number group part guion'.split(
    ' ',
  ),
);
/** Say which digits come, so that `two` behind them counts digits and is none. */
const WHICH = new Set('first middle last final next second third ending ends end'.split(' '));
const TOKEN = /\d+|[A-Za-z]+|[^\sA-Za-z\d]/g;
/** As amounts are written. */
const THOUSANDS = /^\d{3}([.,'])\d{3}\1\d{3}$/;
const MARKS = /[-,.:;()[\]/#"'=*_>]/;

/**
 * Social security numbers that are told with words between their digits, or with some digits as words: `417 dash 83 dash
 * 2096`, `first three 417, middle two 83, last four 2096`, `four 1 seven …`. Words name a number only behind a label, or
 * with a word for a dash where a dash belongs. A text without any of `toldNumber`, `spreadLetters` and `wide` of its
 * `TextHints` has none.
 */
export function toldNumbers(text: string): readonly Edit[] {
  if (!TRIGGER.test(text)) return [];
  const edits: Edit[] = [];
  for (const { index, 0: label } of text.matchAll(LABEL)) {
    const edit = numberFrom(text, index + label.length, MOST_LEADING);
    if (edit !== undefined) edits.push(edit);
  }
  for (const { index } of text.matchAll(DASH_WORD)) {
    const from = Math.max(0, index - LONGEST_AREA);
    const area = AREA_BEFORE.exec(text.slice(from, index));
    const edit = area === null ? undefined : numberFrom(text, from + area.index, 0);
    if (edit !== undefined) edits.push(edit);
  }
  return edits;
}

/** The number that the words from there on tell, if they do; `leading` other words may stand before its first digit. */
function numberFrom(text: string, from: number, leading: number): Edit | undefined {
  const stretch = text.slice(from, from + REACH);
  let digits = '';
  let start = -1;
  let words = 0;
  let others = 0;
  let before = '';
  for (const { index, 0: token } of stretch.matchAll(TOKEN)) {
    const word = token.toLowerCase();
    const counts = WHICH.has(before);
    if (/[a-z]/.test(word)) before = word;
    const digit = DIGITS[word];
    if (/^\d/.test(token) || (digit !== undefined && !counts)) {
      if (start === -1) start = index;
      if (digit !== undefined) words += 1;
      digits += digit ?? token;
      if (digits.length < 9) continue;
      const told = words > 0 || (others === 0 && THOUSANDS.test(stretch.slice(start, index + token.length)));
      if (digits.length > 9 || !told || /^[-./]?\d/.test(stretch.slice(index + token.length)))
        return undefined;
      const replacement = `${digits.slice(0, 3)}-${digits.slice(3, 5)}-${digits.slice(5)}`;
      return { start: from + start, end: from + index + token.length, replacement };
    }
    if (MARKS.test(token)) continue;
    if (!/[a-z]/.test(word)) return undefined;
    if (BETWEEN.has(word) || WHICH.has(word) || digit !== undefined) {
      if (start !== -1) words += 1;
    } else if (start !== -1 || ++others > leading) return undefined;
  }
  return undefined;
}
