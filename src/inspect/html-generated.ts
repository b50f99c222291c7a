import { effectOf, unescapeCss } from './html-style.js';

const CLUE = /counter|var\(|quotes|symbols|list-style|first-l|emphasis|text-overflow|hyphenate|keyframes/i;
const IMAGE = /url\([^()]{0,2000}\)/gi;
/** Numbers from here on are more than the number of an item. */
const LARGE = 99;

/**
 * Whether style sheets make words or numbers in a way that isn't followed: of counters that count more than items, of
 * variables, of marks of lists and quotations, or by taking the first letter away. Linear in the length.
 */
export function generatesUnread(html: string, sheets: readonly string[]): boolean {
  if (!CLUE.test(html) && !html.includes('\\')) return false;
  const written = `${sheets.join('\n')}\n${ownStyles(html).join('\n')}`.replace(IMAGE, 'none');
  const css = written.includes('\\') ? `${written}\n${unescapeCss(written)}` : written;
  return (
    CLUE.test(css) &&
    (countsLarge(css) || usesVariables(css) || marks(css) || takesFirstLetters(css) || animatesText(css))
  );
}

function ownStyles(html: string): readonly string[] {
  const found: string[] = [];
  for (const [, double, single] of html.matchAll(/\sstyle\s*=\s*(?:"([^"]{1,20000})"|'([^']{1,20000})')/gi)) {
    const style = double ?? single ?? '';
    if (style.includes('--') || /counter|list-style|quotes|emphasis|text-overflow|hyphenate/i.test(style))
      found.push(`${style};`);
  }
  return found;
}

/** Numbers of items have a point or a blank behind them, and begin with few. */
function countsLarge(css: string): boolean {
  const contents = [...css.matchAll(/content\s*:([^;{}]{0,300}counters?\([^;{}]{0,300})/gi)];
  if (contents.length === 0) return false;
  if (contents.some(([, value = '']) => !/["'][^"']*[^\p{L}\p{N}"'][^"']*["']\s*$/u.test(afterLast(value))))
    return true;
  return [...css.matchAll(/counter-(?:reset|set|increment)\s*:([^;{}]{1,300})/gi)].some(([, value = '']) =>
    (value.match(/(?<=\s)[-+]?\d{1,10}\b/g) ?? []).some((one) => Math.abs(Number(one)) > LARGE),
  );
}

function afterLast(value: string): string {
  const counter = Math.max(value.lastIndexOf('counter('), value.lastIndexOf('counters('));
  const rest = value.slice(value.indexOf(')', counter) + 1);
  return rest.replace(/!important/i, '').trim();
}

function usesVariables(css: string): boolean {
  if (!/(?:content|quotes|symbols|list-style(?:-type)?)\s*:[^;{}]{0,300}var\(/i.test(css)) return false;
  return [...css.matchAll(/--[\w-]{1,100}\s*:\s*(?:"([^"]{1,300})"|'([^']{1,300})')/g)].some(
    ([, one, other]) => /[\p{L}\p{N}]/u.test(unescapeCss(one ?? other ?? '').replace(/\p{Co}/gu, '')),
  );
}

const MARKS =
  /\b(?:quotes|symbols|list-style(?:-type)?|prefix|suffix|negative|pad|text-emphasis(?:-style)?|text-overflow|hyphenate-character)\s*:([^;{}]{0,300}["'][^;{}]{0,300})/gi;

const STEP = /(?:\b(?:from|to)|\d%)\s*\{([^{}]{0,2000})/gi;
/** A letter or digit in any of its strings, one that isn't closed before a brace, or what an attribute holds. */
const STEP_TEXT =
  /\bcontent\s*:(?:[^;"']|"[^"]*"|'[^']*')*?(?:attr\(|"[^"]*(?:[\p{L}\p{N}]|$)|'[^']*(?:[\p{L}\p{N}]|$))/iu;

/** Text that a step of an animation generates, and not just dots that tell of waiting. */
function animatesText(css: string): boolean {
  return (
    /keyframes/i.test(css) &&
    [...css.matchAll(STEP)].some(([, declarations = '']) => STEP_TEXT.test(declarations))
  );
}

function marks(css: string): boolean {
  return [...css.matchAll(MARKS)].some(([, value = '']) =>
    /\p{Nd}|\p{L}{2}/u.test(unescapeCss([...value.matchAll(/"[^"]*"|'[^']*'/g)].join(' '))),
  );
}

function takesFirstLetters(css: string): boolean {
  return [...css.matchAll(/:first-(?:letter|line)\b[^{}]{0,300}\{([^{}]{0,1000})/gi)].some(
    ([, declarations = '']) => effectOf(declarations)?.hides === true,
  );
}
