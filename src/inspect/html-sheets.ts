import { type SheetSources, sheetsOf } from './html-sheet-sources.js';
import { effectOf, MAX_DECLARATIONS, merged, type StyleEffect, tooLong, unescapeCss } from './html-style.js';

/** The rules of a document's style sheets that change what is read. */
interface StyleRules {
  /** By `.class`, `#id`, `[attribute]` or `tag`, in lower case. */
  readonly effects: ReadonlyMap<string, StyleEffect>;
  /** There is more of them than was read. */
  readonly cut: boolean;
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
}

type StyleReader = (name: string, attributes: ReadonlyMap<string, string>) => StyleEffect | undefined;

/** Linear in the length of the document. */
export function documentStyles(html: string): DocumentStyles {
  const sources = sheetsOf(html);
  const { effects, cut } = styleRules(sources);
  return { sources, cut, ...styleReader(effects) };
}

/** The styles of what has none. */
export const NO_STYLES: DocumentStyles = {
  sources: { sheets: [], cut: false, outside: 'none' },
  cut: false,
  styleOf: () => undefined,
  places: () => false,
};

function styleRules({ sheets, cut }: SheetSources): StyleRules {
  const effects = new Map<string, StyleEffect>();
  let left = cut;
  for (const sheet of sheets) if (readSheet(sheet, effects)) left = true;
  return { effects, cut: left };
}

/** The rules within a media query count like any others. @returns whether there is more than was read */
function readSheet(css: string, effects: Map<string, StyleEffect>): boolean {
  let from = 0;
  let cut = false;
  let prelude: string | undefined;
  for (const { 0: brace, index } of css.matchAll(/[{}]/g)) {
    const before = css.slice(from, index);
    if (brace === '{') prelude = before;
    else if (prelude !== undefined) {
      if (readRule(prelude, before, effects)) cut = true;
      prelude = undefined;
    }
    from = index + 1;
  }
  if (prelude !== undefined && readRule(prelude, css.slice(from), effects)) cut = true;
  return cut;
}

/** These change with what a person does, and so nothing of how a mail looks at first. */
const STATE = /:(?:hover|active|focus|visited|target|checked|disabled)/;

const PSEUDO = /::?(before|after|marker|first-letter|first-line|selection|placeholder|backdrop)/;

/** @returns whether it is too long to be read */
function readRule(prelude: string, declarations: string, effects: Map<string, StyleEffect>): boolean {
  // Statements such as `@import` may stand before it.
  const selectors = prelude.slice(prelude.lastIndexOf(';') + 1).trim();
  if (selectors === '' || selectors.startsWith('@')) return false;
  const generated = contentOf(declarations);
  const effect = effectOf(declarations);
  if (effect === undefined && generated === undefined) return tooLong(declarations);
  if (selectors.length > MAX_DECLARATIONS) return true;
  for (const selector of selectors.split(',')) {
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
    const known: StyleEffect = effects.get(key) ?? { hides: false };
    if (pseudo === undefined) effects.set(key, merged(known, effect));
    else if (generated !== undefined && pseudo === 'after') effects.set(key, { ...known, after: generated });
    else if (generated !== undefined && pseudo !== 'first-letter' && pseudo !== 'first-line')
      effects.set(key, { ...known, before: generated });
  }
  return tooLong(declarations);
}

function attributeKey(selector: string): string | undefined {
  const name = /\[([\w-]+)/.exec(selector)?.[1];
  return name === undefined ? undefined : `[${name}]`;
}

/** Strings and attributes of a `content` declaration; attributes as `\0name\0`. */
function contentOf(declarations: string): string | undefined {
  const value = /(?:^|[;\s])content\s*:([^;}]{1,1000})/i.exec(plainNames(declarations))?.[1];
  if (value === undefined) return undefined;
  let out = '';
  for (const [, double, single, name] of value.matchAll(
    /"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|attr\(\s*([\w-]+)/g,
  )) {
    out += name === undefined ? unescapeCss(double ?? single ?? '') : `\0${name.toLowerCase()}\0`;
  }
  return out === '' ? undefined : out;
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

function styleReader(effects: ReadonlyMap<string, StyleEffect>): Pick<DocumentStyles, 'styleOf' | 'places'> {
  /** Most mail says the same again and again. */
  const known = new Map<string, StyleEffect | undefined>();
  let places = [...effects.values()].some(({ place }) => place !== undefined);
  const byAttribute = [...effects.keys()].some((key) => key.startsWith('['));
  const ownEffect = (style: string): StyleEffect | undefined => {
    const before = known.get(style);
    if (before !== undefined || known.has(style)) return before;
    const effect = effectOf(style);
    if (effect?.place !== undefined) places = true;
    if (known.size < MAX_STYLES) known.set(style, effect);
    return effect;
  };
  const styleOf: StyleReader = (name, attributes) => {
    let effect: StyleEffect | undefined;
    const add = (key: string) => {
      const found = effects.get(key);
      if (found !== undefined) effect = merged(effect, found);
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
  return { styleOf, places: () => places };
}
