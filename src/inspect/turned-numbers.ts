/** Letters of Hebrew and its like, and the mark that counts as one (Unicode Standard Annex 9, 3.2: R). */
const HEBREW = '\\u0590-\\u05ff\\u07c0-\\u085f\\ufb1d-\\ufb4f\\u200f';
/** Letters of Arabic and its like, and the mark that counts as one (AL): digits behind these are drawn as Arabic ones are. */
const ARABIC =
  '\\u0608\\u060b\\u060d\\u061b-\\u064a\\u066d-\\u066f\\u0671-\\u06d5\\u06e5\\u06e6\\u06ee\\u06ef\\u06fa-\\u07bf\\u0860-\\u08ff\\ufb50-\\ufdff\\ufe70-\\ufefc';
/** Digits of Arabic (AN), which turn even by themselves. */
const ARABIC_DIGITS = '\\u0660-\\u0669';
/** Further scripts of both kinds, beyond the first plane. */
const FURTHER = '\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}';

const ALL = `${HEBREW}${ARABIC}${ARABIC_DIGITS}${FURTHER}`;
const TURNS = new RegExp(`[${ALL}]`, 'u');
const NUMBER = /\p{Nd}/u;
/** From such a letter to the next one of another kind. */
const STRETCH = new RegExp(`[${ALL}][${ALL}\\P{L}]*`, 'gu');
/** Begins with such a letter, whatever stands before it. */
const BEGINS = new RegExp(`^\\P{L}*[${HEBREW}${ARABIC}${FURTHER}]`, 'u');
/** What a line is made of, in this order: letters of either kind, numbers, anything else by itself. */
const TOKEN = new RegExp(
  `(?<arabic>[${ARABIC}]+)|(?<hebrew>[${HEBREW}${FURTHER}]+)|(?<number>\\p{Nd})|(?<words>\\p{L})|[^]`,
  'uy',
);
/** Single marks by which digits hold together (UAX 9, W4): fewer for Arabic ones. */
const EUROPEAN =
  /\p{Nd}+(?:[-+\u2212\ufe62\ufe63\uff0b\uff0d,./:\u00a0\u060c\uff0c\uff0e\uff0f\uff1a]\p{Nd}+)*/uy;
const ARABIC_NUMBER = /\p{Nd}+(?:[,./:\u00a0\u060c\uff0c\uff0e\uff0f\uff1a]\p{Nd}+)*/uy;
/** A run of words ends where anything is turned. */
const WORDS = new RegExp(`[^${ALL}]+`, 'uy');
const ARABIC_DIGIT = new RegExp(`[${ARABIC_DIGITS}]`);

/** Whether letters or digits of a text may change the places of its numbers. */
export function turnsNumbers(text: string): boolean {
  return TURNS.test(text) && NUMBER.test(text);
}

/**
 * A line as it is drawn from left to right, as far as it has numbers beside letters that are written from right to left: from
 * such a letter to the next one of another kind, numbers stand in the opposite order, each in its own.
 */
export function turnedAmongLetters(line: string): string {
  if (!turnsNumbers(line)) return line;
  // A line that begins with such a letter runs from right to left as a whole, for many readers.
  if (BEGINS.test(line)) return turnedBefore(line, /[^\r\n]/u);
  // What stands behind the last of these letters and numbers belongs to the words that follow.
  return line.replace(STRETCH, (stretch) => turnedBefore(stretch, /[\p{L}\p{Nd}\u200f\u061c]/u));
}

/** The text turned as far as the last character of that kind. */
function turnedBefore(text: string, kind: RegExp): string {
  let end = text.length;
  while (end > 0 && !kind.test(text.charAt(end - 1)) && !kind.test(text.slice(Math.max(0, end - 2), end)))
    end -= 1;
  return numbersTurned(text.slice(0, end)) + text.slice(end);
}

/** From right to left, but with each number, and each run of words with the numbers in it, in its own order. */
export function numbersTurned(text: string): string {
  if (!NUMBER.test(text)) return text;
  const runs: string[] = [];
  let arabic = false;
  for (let at = 0; at < text.length; ) {
    TOKEN.lastIndex = at;
    const groups = TOKEN.exec(text)?.groups;
    let end = TOKEN.lastIndex;
    if (groups?.arabic !== undefined) arabic = true;
    else if (groups?.hebrew !== undefined) arabic = false;
    else if (groups?.number !== undefined) {
      const pattern = arabic || ARABIC_DIGIT.test(groups.number) ? ARABIC_NUMBER : EUROPEAN;
      end = endOf(pattern, text, at);
    } else if (groups?.words !== undefined) {
      arabic = false;
      end = endOf(WORDS, text, at);
    }
    runs.push(text.slice(at, end));
    at = end;
  }
  return runs.reverse().join('');
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at + 1;
}
