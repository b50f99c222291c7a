/** What a style does to the text of an element, as far as it changes what is read. */
export interface StyleEffect {
  readonly hides: boolean;
  /** The element begins no line, or begins one, against the custom of its tag. */
  readonly layout?: 'inline' | 'block';
  /** Its text runs from right to left: letter by letter, or as languages do that are written so. */
  readonly direction?: 'override' | 'embedding';
  /** Generated before and behind its content (CSS 2.2, 12.2); `attr(x)` as it is written. */
  readonly before?: string;
  readonly after?: string;
}

/** The rules of a document's style sheets that change what is read. */
export interface StyleRules {
  /** By `.class`, `#id`, `[attribute]` or `tag`, in lower case. */
  readonly effects: ReadonlyMap<string, StyleEffect>;
}

const COMMENT = /\/\*[\s\S]*?(?:\*\/|$)/g;
const MAX_CSS = 256 * 1024;
const MAX_DECLARATIONS = 4096;
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

/** Of an element's own declarations, and of a rule's. Bounded: what lies beyond is not looked at. */
export function effectOf(declarations: string): StyleEffect | undefined {
  const css = plainCss(declarations.slice(0, MAX_DECLARATIONS));
  if (!css.includes(':')) return undefined;
  const hides = HIDING.test(css) || isColourless(css);
  const layout = layoutOf(css);
  const direction = /direction:rtl/.test(css)
    ? /unicode-bidi:(?:bidi-override|isolate-override)/.test(css)
      ? ('override' as const)
      : ('embedding' as const)
    : undefined;
  if (!hides && layout === undefined && direction === undefined) return undefined;
  return { hides, ...(layout && { layout }), ...(direction && { direction }) };
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
function unescapeCss(css: string): string {
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

/** The rules in the `style` elements of a document. Linear in its length. */
export function styleRules(html: string): StyleRules {
  const effects = new Map<string, StyleEffect>();
  let room = MAX_CSS;
  const begin = /<style/gi;
  const close = /<\/style/gi;
  while (room > 0 && begin.test(html)) {
    const start = html.indexOf('>', begin.lastIndex) + 1;
    if (start === 0) break;
    close.lastIndex = start;
    const end = close.exec(html)?.index ?? html.length;
    readSheet(html.slice(start, Math.min(end, start + room)).replace(COMMENT, ''), effects);
    room -= end - start;
    begin.lastIndex = end;
  }
  return { effects };
}

/** The rules within a media query count like any others. */
function readSheet(css: string, effects: Map<string, StyleEffect>): void {
  let from = 0;
  let prelude: string | undefined;
  for (const { 0: brace, index } of css.matchAll(/[{}]/g)) {
    const before = css.slice(from, index);
    if (brace === '{') prelude = before;
    else if (prelude !== undefined) {
      readRule(prelude.trim(), before, effects);
      prelude = undefined;
    }
    from = index + 1;
  }
  if (prelude !== undefined) readRule(prelude.trim(), css.slice(from), effects);
}

/** These change with what a person does, and so nothing of how a mail looks at first. */
const STATE = /:(?:hover|active|focus|visited|target|checked|disabled)/;

function readRule(selectors: string, declarations: string, effects: Map<string, StyleEffect>): void {
  if (selectors === '' || selectors.startsWith('@') || selectors.length > MAX_DECLARATIONS) return;
  const generated = contentOf(declarations);
  const effect = effectOf(declarations);
  if (effect === undefined && generated === undefined) return;
  for (const selector of selectors.split(',')) {
    const last =
      selector
        .trim()
        .split(/[\s>+~]+/)
        .at(-1)
        ?.toLowerCase() ?? '';
    const pseudo = /::?(before|after)/.exec(last)?.[1];
    const key =
      /\.[\w-]+/.exec(last)?.[0] ??
      /#[\w-]+/.exec(last)?.[0] ??
      attributeKey(last) ??
      /^[\w-]+/.exec(last)?.[0];
    if (key === undefined || STATE.test(last)) continue;
    const known: StyleEffect = effects.get(key) ?? { hides: false };
    if (pseudo === undefined) effects.set(key, merged(known, effect));
    else if (generated !== undefined && pseudo === 'before')
      effects.set(key, { ...known, before: generated });
    else if (generated !== undefined) effects.set(key, { ...known, after: generated });
  }
}

function attributeKey(selector: string): string | undefined {
  const name = /\[([\w-]+)/.exec(selector)?.[1];
  return name === undefined ? undefined : `[${name}]`;
}

/** Both, where an element has more than one. */
export function merged(one: StyleEffect | undefined, other: StyleEffect | undefined): StyleEffect {
  return {
    hides: false,
    ...one,
    ...other,
    ...((one?.hides === true || other?.hides === true) && { hides: true }),
  };
}

/** Strings and attributes of a `content` declaration; attributes as `\0name\0`. */
function contentOf(declarations: string): string | undefined {
  const value = /(?:^|[;\s])content\s*:([^;}]{1,1000})/i.exec(declarations)?.[1];
  if (value === undefined) return undefined;
  let out = '';
  for (const [, double, single, name] of value.matchAll(
    /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)/g,
  )) {
    out += name === undefined ? unescapeCss(double ?? single ?? '') : `\0${name.toLowerCase()}\0`;
  }
  return out === '' ? undefined : out;
}
