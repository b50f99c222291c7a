import { type Place, placeOf } from './html-place.js';

/** What a style does to the text of an element, as far as it changes what is read. */
export interface StyleEffect {
  readonly hides: boolean;
  /** The element begins no line, or begins one, against the custom of its tag. */
  readonly layout?: 'inline' | 'block';
  /** Its text runs from right to left: letter by letter, or as languages do that are written so. */
  readonly direction?: 'override' | 'embedding';
  /** Whatever its direction is, or that of an element around it, its letters run so. */
  readonly overrides?: true;
  readonly place?: Place;
  /** Generated before and behind its content (CSS 2.2, 12.2); `attr(x)` as it is written. */
  readonly before?: string;
  readonly after?: string;
}

const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/g;
/** Characters of the declarations of one element or rule that are looked at. */
export const MAX_DECLARATIONS = 16_384;
const SMALLEST = '0*(?:\\.0*[0-9]{0,3})?';

const HIDING = new RegExp(
  [
    'display:none',
    'visibility:(?:hidden|collapse)',
    'content-visibility:hidden',
    `font-size:(?:${SMALLEST}|1(?:\\.\\d*)?(?:px|pt))(?:;|!|$|px|pt|em|rem|%|v[wh])`,
    `font:[^;]{0,40}?(?<![\\d.])${SMALLEST}(?:px|pt|em|rem|%)?[ /]`,
    'opacity:(?:0*(?:\\.0\\d*)?|\\.0\\d*)(?:;|!|$)',
    'mso-hide:all',
    '(?:^|;)(?:max-)?(?:height|width):0*(?:\\.0*)?(?:px|pt|em|rem|%)?(?:;|!|$)',
    'text-indent:-\\d{3,}',
    '(?:^|;)(?:left|top|right|bottom|margin(?:-left|-top|-right)?):[^;]{0,20}?-\\d{3,}',
    'clip:rect\\((?:[01](?:px)?[ ,]{0,2}){4}\\)',
    'clip-path:(?:inset\\((?:100|[5-9]\\d)%|circle\\(0)',
    'transform:[^;]{0,80}scale[xy]?\\(0',
    '(?:^|;)color:transparent',
    '(?:^|;)color:(?:rgba|hsla)\\([^)]{0,40}[,/]0*(?:\\.0\\d*)?%?\\)',
  ].join('|'),
);
/** Much like paper. Where nothing is said of the background, such text isn't seen. */
const WHITE =
  /^(?:white|snow|ivory|#f[0-9a-f]f[0-9a-f]f[0-9a-f](?:ff)?|#fff|rgba?\(25[0-5],25[0-5],25[0-5](?:,1)?\))$/;

/** Drawn from its end to its beginning. */
const MIRRORED =
  /(?:^|;)(?:-webkit-|-ms-)?(?:transform:[^;]{0,80}(?:rotate[yz]?\(-?(?:180deg|\.5turn|0\.5turn|200grad|3\.14)|scalex?\(-|scale3d\(-|matrix\(-)|letter-spacing:-(?:\d{2,}(?:\.\d*)?(?:px|pt)|[1-9]\d*(?:\.\d*)?r?em|0?\.[6-9]\d*r?em)|rotate:(?:[yz] )?-?(?:180deg|0?\.5turn|200grad)|scale:-)/;

/**
 * Of an element's own declarations, and of a rule's. Bounded: what lies beyond is not looked at.
 * @param animated whether animations may move what they are of
 */
export function effectOf(declarations: string, animated = true): StyleEffect | undefined {
  const css = plainCss(withoutImages(declarations).slice(0, MAX_DECLARATIONS));
  if (!css.includes(':')) return undefined;
  const hides = HIDING.test(css) || isColourless(css);
  const layout = layoutOf(css);
  const turned = MIRRORED.test(css);
  const overrides = /unicode-bidi:(?:bidi-override|isolate-override)/.test(css);
  const rightToLeft = /(?:^|;)direction:rtl/.test(css);
  const direction =
    turned || (overrides && rightToLeft)
      ? ('override' as const)
      : rightToLeft
        ? ('embedding' as const)
        : undefined;
  const place = placeOf(css, animated);
  if (!hides && !overrides && layout === undefined && direction === undefined && place === undefined) {
    return undefined;
  }
  return {
    hides,
    ...(layout && { layout }),
    ...(direction && { direction }),
    ...(overrides && { overrides }),
    ...(place && { place }),
  };
}

/** Whether more is declared than is looked at. */
export function tooLong(declarations: string): boolean {
  return declarations.length > MAX_DECLARATIONS && withoutImages(declarations).length > MAX_DECLARATIONS;
}

function withoutImages(declarations: string): string {
  if (declarations.length <= MAX_DECLARATIONS) return declarations;
  return declarations.replace(/url\(\s*["']?data:[^"')]*["']?\s*\)/gi, 'none');
}

function layoutOf(css: string): StyleEffect['layout'] {
  const display = /(?:^|;)display:([a-z-]+)/.exec(css)?.[1];
  if (display?.startsWith('inline') === true || display === 'contents' || display === 'table-cell')
    return 'inline';
  if (/(?:^|;)float:(?:left|right)/.test(css)) return 'inline';
  return display === 'block' || display === 'table' || display === 'list-item' || display === 'table-row'
    ? 'block'
    : undefined;
}

function isColourless(css: string): boolean {
  const colour = /(?:^|;)color:([^;!]{1,60})/.exec(css)?.[1];
  if (colour === undefined) return false;
  const background = /(?:^|;)background(?:-color)?:([^;!]{1,60})/.exec(css)?.[1];
  return background === undefined
    ? isWhite(colour)
    : background === colour || (isWhite(colour) && isWhite(background));
}

/** Whether text of that colour isn't seen on paper. */
export function isWhite(colour: string): boolean {
  return WHITE.test(colour.replace(/\s+/g, '').toLowerCase());
}

/** In lower case, without comments, escapes and blanks that mean nothing. */
function plainCss(css: string): string {
  return unescapeCss(css.replace(COMMENT, ''))
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/ ?([:;,()]) ?/g, '$1')
    .trim();
}

/** CSS Syntax Level 3, 4.3.7. */
export function unescapeCss(css: string): string {
  if (!css.includes('\\')) return css;
  return css.replace(
    /\\(?:([0-9a-f]{1,6})[ \t\n]?|([^\n]))/gi,
    (_, hex: string | undefined, other: string | undefined) => {
      if (hex === undefined) return other ?? '';
      const point = Number.parseInt(hex, 16);
      return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '';
    },
  );
}

/** Both, where an element has more than one. */
export function merged(one: StyleEffect | undefined, other: StyleEffect | undefined): StyleEffect {
  return {
    hides: false,
    ...one,
    ...other,
    ...((one?.hides === true || other?.hides === true) && { hides: true }),
    ...(one?.place !== undefined &&
      other?.place !== undefined && { place: { ...one.place, ...other.place } }),
  };
}
