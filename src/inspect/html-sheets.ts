import { animationsMove } from './html-animations.js';
import { type SheetSources, sheetsOf } from './html-sheet-sources.js';
import { effectOf, MAX_DECLARATIONS, merged, type StyleEffect, tooLong, unescapeCss } from './html-style.js';

/** The rules of a document's style sheets that change what is read. */
interface StyleRules {
  /** By `.class`, `#id`, `[attribute]` or `tag`, in lower case. */
  readonly effects: Map<string, StyleEffect>;
  /** All that is generated. */
  readonly contents: Set<string>;
  /** Rules of which only one was kept generate different texts. */
  clash: boolean;
  /** A rule within another generates text, and isn't known to be of that one's elements alone. */
  nested: boolean;
  /** There is more of them than was read. */
  cut: boolean;
  /** Animations may move what they are of. */
  readonly animated: boolean;
}

const MAX_STYLES = 1000;

/** What the styles of a document do to its elements, for all that reads it. */
export interface DocumentStyles {
  readonly sources: SheetSources;
  /** There is more of the sheets than was read. */
  readonly cut: boolean;
  /** What the rules and its own declarations do to an element, by its name and attributes (in lower case). */
  readonly styleOf: StyleReader;
  /** Whether any rule, or any declarations that were asked for so far, say something of an element's place. */
  readonly places: () => boolean;
  /** Whether rules, or those that met so far, generate pieces of a number, or a rule within another any text, of
   * which it isn't known which are shown. */
  readonly clashes: () => boolean;
}

type StyleReader = (name: string, attributes: ReadonlyMap<string, string>) => StyleEffect | undefined;

/** Linear in the length of the document. */
export function documentStyles(html: string): DocumentStyles {
  const sources = sheetsOf(html);
  const rules = styleRules(sources);
  return { sources, cut: rules.cut, ...styleReader(rules) };
}

/** The styles of what has none. */
export const NO_STYLES: DocumentStyles = {
  sources: { sheets: [], cut: false, outside: 'none' },
  cut: false,
  styleOf: () => undefined,
  places: () => false,
  clashes: () => false,
};

function styleRules(sources: SheetSources): StyleRules {
  const { sheets, cut } = sources;
  const animated = animationsMove(sources);
  const rules: StyleRules = {
    effects: new Map(),
    contents: new Set(),
    clash: false,
    nested: false,
    cut,
    animated,
  };
  for (const sheet of sheets) if (readSheet(sheet, rules)) rules.cut = true;
  return rules;
}

/** The rules within a media query count like any others. @returns whether there is more than was read */
function readSheet(css: string, rules: StyleRules): boolean {
  let from = 0;
  let cut = false;
  let prelude: string | undefined;
  for (const { 0: brace, index } of css.matchAll(/[{}]/g)) {
    const before = css.slice(from, index);
    if (brace === '{') prelude = before;
    else if (prelude !== undefined) {
      if (readRule(prelude, before, rules)) cut = true;
      prelude = undefined;
    }
    from = index + 1;
  }
  if (prelude !== undefined && readRule(prelude, css.slice(from), rules)) cut = true;
  return cut;
}

/** These change with what a person does, and so nothing of how a mail looks at first. */
const STATE = /:(?:hover|active|focus|visited|target|checked|disabled)/;

const PSEUDO = /::?(before|after|marker|first-letter|first-line|selection|placeholder|backdrop)/;

/** @returns whether it is too long to be read */
function readRule(prelude: string, declarations: string, rules: StyleRules): boolean {
  const { effects, contents } = rules;
  // Statements such as `@import` may stand before it.
  const selectors = prelude.slice(prelude.lastIndexOf(';') + 1).trim();
  if (selectors === '' || selectors.startsWith('@')) return false;
  const [generated, ...others] = contentsOf(declarations).reverse();
  if (others.some((other) => other !== generated)) rules.clash = true;
  for (const one of [generated, ...others]) if (one !== undefined) contents.add(one);
  const effect = effectOf(declarations, rules.animated);
  if (effect === undefined && generated === undefined) return tooLong(declarations);
  if (selectors.length > MAX_DECLARATIONS) return true;
  const { found, whole } = selectorsOf(selectors);
  for (const selector of found) {
    const last =
      selector
        .trim()
        .split(/[\s>+~]+/)
        .at(-1)
        ?.toLowerCase() ?? '';
    const pseudo = PSEUDO.exec(last)?.[1];
    const key =
      /\.[\w-]+/.exec(last)?.[0] ??
      /#[\w-]+/.exec(last)?.[0] ??
      attributeKey(last) ??
      /^[\w-]+/.exec(last)?.[0] ??
      (pseudo === undefined ? undefined : '*');
    if (key === undefined || STATE.test(last)) continue;
    if (key === '*' && last.includes('&') && /[\p{L}\p{N}]/u.test(generated ?? '')) rules.nested = true;
    const known: StyleEffect = effects.get(key) ?? { hides: false };
    if (pseudo === undefined) effects.set(key, merged(known, effect));
    const before = pseudo === 'after' ? known.after : known.before;
    if (generated !== undefined && before !== undefined && before !== generated) rules.clash = true;
    if (pseudo === undefined) continue;
    if (generated !== undefined && pseudo === 'after') effects.set(key, { ...known, after: generated });
    else if (generated !== undefined && pseudo !== 'first-letter' && pseudo !== 'first-line')
      effects.set(key, { ...known, before: generated });
  }
  return !whole || tooLong(declarations);
}

const ANY_OF = /:(?:is|where|matches|any|-webkit-any|-moz-any)\(([^()]*)\)/i;
const MOST_SELECTORS = 1000;

/**
 * The selectors of a list, with one for each of those that `:is()` and its like hold (CSS Selectors 4, 4.2 and 4.4);
 * `whole` where there are no more than were found.
 */
function selectorsOf(list: string): { readonly found: readonly string[]; readonly whole: boolean } {
  if (!ANY_OF.test(list)) return { found: list.split(','), whole: true };
  const found: string[] = [];
  // Commas within parentheses separate no selectors of the list.
  const held = list.replace(/\([^()]*\)/g, (inner) => inner.replaceAll(',', '\0'));
  const open = held.split(',').reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (found.length >= MOST_SELECTORS) return { found, whole: false };
    const any = ANY_OF.exec(next);
    if (any === null) found.push(next);
    else for (const one of (any[1] ?? '').split('\0')) open.push(next.replaceAll(any[0], one.trim()));
  }
  return { found, whole: true };
}

function attributeKey(selector: string): string | undefined {
  const name = /\[([\w-]+)/.exec(selector)?.[1];
  return name === undefined ? undefined : `[${name}]`;
}

/** Strings and attributes of the `content` declarations; attributes as `\0name\0`. */
function contentsOf(declarations: string): string[] {
  const contents: string[] = [];
  for (const [, value = ''] of plainNames(declarations).matchAll(CONTENT)) {
    let out = '';
    for (const [, double, single, name] of value.matchAll(
      /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)/g,
    )) {
      out += name === undefined ? unescapeCss(double ?? single ?? '') : `\0${name.toLowerCase()}\0`;
    }
    if (out !== '') contents.push(out);
  }
  return contents;
}

/** Up to the end of the declaration, which may have a semicolon in its strings. */
const CONTENT = /(?:^|[;\s])content\s*:((?:[^;}"']|"[^"\n}]{0,1000}"|'[^'\n}]{0,1000}'){1,1000})/gi;

/** A piece of a number, and digits of all that make one. */
const PIECE = /^[\p{Nd}\p{Pd}\s./]{0,11}$/u;
const LEAST_DIGITS = 6;

/** Whether there are pieces of a number among them, and not just steps that are counted. */
function makeNumber(contents: ReadonlySet<string>): boolean {
  const pieces = [...contents]
    .map((one) => one.trim())
    .filter((one) => /\p{Nd}/u.test(one) && PIECE.test(one));
  const digits = pieces.join('').replace(/\P{Nd}/gu, '').length;
  return (
    pieces.length > 1 &&
    digits >= LEAST_DIGITS &&
    !pieces.every((one, at) => Number(one) === Number(pieces[0]) + at)
  );
}

/** With the escapes in names of properties read, and those of strings as they are. */
function plainNames(declarations: string): string {
  if (!declarations.includes('\\')) return declarations;
  return declarations.replace(
    /(^|[;\s])([\w\\-]{0,40}\\[\w\\ -]{0,40})(?=\s*:)/g,
    (_, before: string, name: string) => {
      return before + unescapeCss(name);
    },
  );
}

function styleReader(rules: StyleRules): Pick<DocumentStyles, 'styleOf' | 'places' | 'clashes'> {
  const { effects } = rules;
  /** Most mail says the same again and again. */
  const known = new Map<string, StyleEffect | undefined>();
  let places = [...effects.values()].some(({ place }) => place !== undefined);
  const byAttribute = [...effects.keys()].some((key) => key.startsWith('['));
  const ownEffect = (style: string): StyleEffect | undefined => {
    const before = known.get(style);
    if (before !== undefined || known.has(style)) return before;
    const effect = effectOf(style, rules.animated);
    if (effect?.place !== undefined) places = true;
    if (known.size < MAX_STYLES) known.set(style, effect);
    return effect;
  };
  const styleOf: StyleReader = (name, attributes) => {
    let effect: StyleEffect | undefined;
    const add = (key: string) => {
      const found = effects.get(key);
      if (found === undefined) return;
      if (differ(effect?.before, found.before) || differ(effect?.after, found.after)) rules.clash = true;
      effect = merged(effect, found);
    };
    if (effects.size > 0) {
      add('*');
      add(name);
      if (byAttribute) for (const key of attributes.keys()) add(`[${key}]`);
      const names = attributes.get('class');
      if (names !== undefined) for (const one of names.toLowerCase().split(/\s+/)) add(`.${one}`);
      const id = attributes.get('id');
      if (id !== undefined) add(`#${id.toLowerCase()}`);
    }
    const style = attributes.get('style');
    const own = style === undefined ? undefined : ownEffect(style);
    return own === undefined ? effect : merged(effect, own);
  };
  return {
    styleOf,
    places: () => places,
    clashes: () => rules.nested || (rules.clash && makeNumber(rules.contents)),
  };
}

function differ(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && other !== undefined && one !== other;
}
