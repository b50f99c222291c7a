import type { SheetSources } from './html-sheet-sources.js';
import { unescapeCss } from './html-style.js';

const KEYFRAMES = /keyframes/i;
/** What stands before the declarations of a step (CSS Animations Level 1, 3), however its number is written: no selector has the sign. */
const STEP = /%|(?<![\w.#-])(?:from|to)(?![\w-])/i;
/** Properties that change how something is coloured, and nothing of where it is. */
const COLOURS =
  /^(?:-webkit-)?(?:opacity|color|background(?:-(?:color|image|position|size))?|border(?:-(?:top|right|bottom|left))?-color|outline(?:-color)?|(?:box|text)-shadow|filter|fill|stroke|text-decoration(?:-color)?|animation-timing-function)$/;
const SIZE = /^(?:-webkit-|-ms-)?(?:transform|scale)$/;
/** A little larger or smaller, where it stands. */
const IN_PLACE =
  /^(?:none|(?:scale(?:x|y|3d)?\()?(?:0?\.[5-9]\d*|1(?:\.[0-4]\d*)?)(?:,(?:0?\.[5-9]\d*|1(?:\.[0-4]\d*)?)){0,2}\)?)$/;
/** A brace may stand within these. */
const STRINGS = /["']|url\(/;

/**
 * Whether animations may move something: where any step of any of them does more than to change colours and, a little,
 * the size. What they hide is read with it and without, as what any other style hides.
 */
export function animationsMove({ sheets, cut, outside }: SheetSources): boolean {
  return cut || outside === 'in-mail' || sheets.some(moves);
}

function moves(sheet: string): boolean {
  if (sheet.includes('\\')) return KEYFRAMES.test(unescapeCss(sheet));
  if (!KEYFRAMES.test(sheet)) return false;
  let from = 0;
  let inStep = false;
  for (const { 0: brace, index } of sheet.matchAll(/[{}]/g)) {
    const piece = sheet.slice(from, index);
    if (inStep && !isStill(piece)) return true;
    inStep = brace === '{' && STEP.test(piece);
    from = index + 1;
  }
  return inStep && !isStill(sheet.slice(from));
}

function isStill(declarations: string): boolean {
  if (STRINGS.test(declarations)) return false;
  return declarations.split(';').every((declaration) => {
    const css = declaration
      .toLowerCase()
      .replace(/!important/g, '')
      .replace(/\s+/g, ' ')
      .replace(/ ?([:,()]) ?/g, '$1')
      .trim();
    const colon = css.indexOf(':');
    const [name, value] = [css.slice(0, colon), css.slice(colon + 1)];
    return css === '' || COLOURS.test(name) || (SIZE.test(name) && IN_PLACE.test(value));
  });
}
