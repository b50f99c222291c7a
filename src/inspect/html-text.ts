import { Tokenizer } from 'htmlparser2';
import { attributeText } from './html-attributes.js';
import { effectOf, isWhite, merged, type StyleEffect, styleRules } from './html-style.js';
import { type TableWriter, tableWriter } from './table-text.js';

/** The texts of an HTML document, each a reading of its own. Empty where there is nothing of the kind. */
export interface HtmlTexts {
  /** What a reader shows: inline tags and comments don't break words, block tags break lines. */
  readonly visible: string;
  /** Text in elements that are not shown. */
  readonly hidden: string;
  /** Visible and hidden text in place, as a reader without style sheets has it. Empty when nothing is hidden. */
  readonly all: string;
  /** Visible text with what stands in the place of pictures where they aren't shown. Empty where nothing does. */
  readonly alternatives: string;
  /** Attribute values that hold text, one a line. */
  readonly attributes: string;
  /** The source of comments, which some readers interpret. */
  readonly comments: string;
  /** Cells joined with the headers of their columns. */
  readonly table: string;
  /** `data:` URIs, whole. */
  readonly dataUris: readonly string[];
}

/**
 * Tags that break the line; all others, unknown ones too, stand within it. In XML every element breaks. Tags of the
 * document as a whole aren't among them: where they stand in the middle of a word, browsers pass over them.
 */
export const BLOCK: ReadonlySet<string> = new Set(
  (
    'address article aside blockquote br caption center datalist dd details dialog dir div dl dt fieldset figcaption ' +
    'figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr legend li listing main menu nav ol optgroup option p ' +
    'plaintext pre search section select summary table tbody textarea tfoot thead title tr ul xmp'
  ).split(' '),
);
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
/** Their content isn't shown as text, though it is in the message. */
const NOT_SHOWN = new Set(
  (
    'script style template title datalist noframes noembed iframe rp rt video audio canvas progress meter frameset ' +
    'desc metadata annotation annotation-xml'
  ).split(' '),
);
/** Within drawings and formulas only what is in these is shown … */
const DRAWN = new Set('text foreignobject mi mn mo ms mtext'.split(' '));
/** … and these end them (HTML, 13.2.6.5). */
const ENDS_DRAWING = new Set(
  (
    'b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu meta ' +
    'nobr ol p pre ruby s small span strong strike sub sup table tt u ul var'
  ).split(' '),
);
/** Not even where style sheets are unknown. */
const NEVER_SHOWN = new Set(['script', 'style', 'title']);
/** Tags of which every one begins, and ends, a paragraph of its own. */
const PARAGRAPH = new Set('p h1 h2 h3 h4 h5 h6 hr'.split(' '));
const PREFORMATTED = new Set(['pre', 'textarea', 'xmp', 'listing', 'plaintext']);
const MAX_TABLE_DEPTH = 32;
const MAX_COLSPAN = 50;
/** Cells that span columns are counted as so many up to here. */
const MAX_COLUMNS = 1000;
const MAX_DATA_URIS = 1000;
/** Elements that are open at the same time, as far as their styles are kept. */
const MAX_OPEN = 20_000;
const MAX_STYLES = 1000;
/** Documents within attributes of documents. */
const MAX_DOCUMENTS = 5;
const OVERRIDE = '\u202e';
const EMBEDDING = '\u202b';
const POP = '\u202c';

interface OpenTable {
  readonly writer: TableWriter;
  row: string[] | undefined;
  cell: string[] | undefined;
  span: number;
  /** Cells of the row so far. */
  count: number;
}

/** An element whose style changes how it is read. */
interface Styled {
  readonly effect: StyleEffect;
  readonly after: string;
}

/**
 * Reads HTML with htmlparser2's tokenizer alone: no tree, so the time is linear in the length whatever the nesting.
 * Malformed HTML is read like any other. Style sheets are heeded as far as they hide, generate and turn text.
 */
export function htmlTexts(
  html: string,
  options: { readonly xml?: boolean; readonly depth?: number } = {},
): HtmlTexts {
  const xml = options.xml === true;
  const visible = lineSink();
  const hidden = lineSink();
  const all = lineSink();
  const alternatives = lineSink();
  const attributes: string[] = [];
  const comments: string[] = [];
  const tables: OpenTable[] = [];
  const tableTexts: string[] = [];
  const dataUris: string[] = [];
  const { effects } = xml ? { effects: new Map<string, StyleEffect>() } : styleRules(html);
  let tag = '';
  let attributeName = '';
  let attributeValue = '';
  let tagAttributes = new Map<string, string>();
  /** For each name the open elements of it, styled or not; of void and unknown ones as well. */
  const opened = new Map<string, (Styled | undefined)[]>();
  let openCount = 0;
  /** The element that hides what is within, and how many of its name are open. */
  let hider = '';
  let hiderDepth = 0;
  let preformatted = 0;
  /** Open drawings and formulas, and what is open in them that shows text. */
  let drawings = 0;
  let drawn = 0;
  let differs = false;
  const pictures = /\balt\s*=/i.test(html);
  let named = false;
  /** Up to where the source has been told of. */
  let read = 0;
  const tableLimit = 2 * html.length + 65_536;

  const emit = (text: string) => {
    if (text === '') return;
    const unseen = hiderDepth > 0 || (drawings > 0 && drawn === 0);
    if (hiderDepth === 0 || !NEVER_SHOWN.has(hider)) all.text(text, preformatted > 0);
    if (unseen) {
      hidden.text(text, preformatted > 0);
      if (hiderDepth === 0 || !NEVER_SHOWN.has(hider)) differs = true;
    } else {
      visible.text(text, preformatted > 0);
      if (pictures) alternatives.text(text, preformatted > 0);
    }
    tables.at(-1)?.cell?.push(text);
  };
  const text = (raw: string) => emit(preformatted > 0 ? raw : raw.replace(/[ \t\r\n\f]+/g, ' '));
  /** What stands in a picture's place where pictures aren't shown. */
  const alternative = (value: string) => {
    alternatives.text(value, false);
    tables.at(-1)?.cell?.push(value);
    named = true;
  };
  const closeCell = (table: OpenTable | undefined) => {
    if (table?.cell === undefined) return;
    table.row ??= [];
    table.row.push(table.cell.join('').replace(/\s+/g, ' '));
    for (let i = 1; i < table.span && table.row.length < MAX_COLUMNS; i++) table.row.push('');
    table.cell = undefined;
    table.span = 1;
  };
  const closeRow = (table: OpenTable | undefined) => {
    closeCell(table);
    if (table?.row !== undefined) table.writer.row(table.row);
    if (table === undefined) return;
    table.row = undefined;
    table.count = 0;
  };
  const closeTable = () => {
    const table = tables.pop();
    closeRow(table);
    const joined = table?.writer.text() ?? '';
    if (joined !== '') tableTexts.push(joined);
    tables.at(-1)?.cell?.push(joined === '' ? ' ' : `\n${joined}\n`);
  };
  const layOut = (name: string, opening: boolean, layout: StyleEffect['layout']) => {
    const isCell = name === 'td' || name === 'th';
    if (name === 'br') lineBreak(1, true);
    else if (PARAGRAPH.has(name) && layout === undefined && !xml) lineBreak(2, false);
    else if (!isCell && layout !== 'inline' && (layout === 'block' || BLOCK.has(name) || xml))
      lineBreak(1, false);
    if (name === 'table') {
      if (opening && tables.length < MAX_TABLE_DEPTH) {
        tables.push({ writer: tableWriter(tableLimit), row: undefined, cell: undefined, span: 1, count: 0 });
      } else if (!opening && tables.length > 0) closeTable();
      return;
    }
    const table = tables.at(-1);
    if (name === 'tr') closeRow(table);
    if (!isCell) return;
    closeCell(table);
    if (!opening) return;
    if (table === undefined || table.count > 0) cellBreak();
    if (table === undefined) return;
    table.count += 1;
    table.cell = [];
    const span = Number.parseInt(tagAttributes.get('colspan') ?? '1', 10) || 1;
    table.span = Math.min(MAX_COLSPAN, Math.max(1, span));
  };
  const lineBreak = (lines: 1 | 2, always: boolean) => {
    all.lines(lines, always);
    if (pictures && hiderDepth === 0) alternatives.lines(lines, always);
    (hiderDepth > 0 ? hidden : visible).lines(lines, always);
    tables.at(-1)?.cell?.push(' ');
  };
  const cellBreak = () => {
    all.text('\t', true);
    if (pictures && hiderDepth === 0) alternatives.text('\t', true);
    (hiderDepth > 0 ? hidden : visible).text('\t', true);
  };
  /** Most mail says the same again and again. */
  const ownEffects = new Map<string, StyleEffect | undefined>();
  const ownEffect = (style: string): StyleEffect | undefined => {
    if (ownEffects.has(style)) return ownEffects.get(style);
    const effect = effectOf(style);
    if (ownEffects.size < MAX_STYLES) ownEffects.set(style, effect);
    return effect;
  };
  const effectOfTag = (name: string): StyleEffect | undefined => {
    let effect: StyleEffect | undefined;
    const add = (key: string) => {
      const found = effects.get(key);
      if (found !== undefined) effect = merged(effect, found);
    };
    if (effects.size > 0) {
      add(name);
      for (const key of tagAttributes.keys()) add(`[${key}]`);
      const names = tagAttributes.get('class');
      if (names !== undefined) for (const one of names.toLowerCase().split(/\s+/)) add(`.${one}`);
      const id = tagAttributes.get('id');
      if (id !== undefined) add(`#${id.toLowerCase()}`);
    }
    const style = tagAttributes.get('style');
    const own = style === undefined ? undefined : ownEffect(style);
    if (own !== undefined) effect = merged(effect, own);
    if (hides(name, tagAttributes)) effect = { ...effect, hides: true };
    if (tagAttributes.get('dir')?.toLowerCase() === 'rtl' && effect?.direction === undefined) {
      effect = { hides: false, ...effect, direction: name === 'bdo' ? 'override' : 'embedding' };
    }
    return effect;
  };
  const generated = (content: string | undefined) =>
    (content ?? '').replace(/\0([\w-]+)\0/g, (_, name: string) => tagAttributes.get(name) ?? '');
  const open = (selfClosing: boolean) => {
    const name = tag;
    const empty = selfClosing || (VOID.has(name) && !xml);
    const effect = xml ? undefined : effectOfTag(name);
    if (drawings > 0 && ENDS_DRAWING.has(name) && drawn === 0) drawings = 0;
    layOut(name, true, effect?.layout);
    if (!empty && !xml) {
      if (name === 'svg' || name === 'math') drawings += 1;
      else if (drawings > 0 && DRAWN.has(name)) drawn += 1;
    }
    if (!empty) {
      if (hiderDepth > 0) {
        if (name === hider) hiderDepth += 1;
      } else if (effect?.hides === true) {
        hider = name;
        hiderDepth = 1;
      }
      if (PREFORMATTED.has(name)) preformatted += 1;
      const stack = opened.get(name) ?? [];
      opened.set(name, stack);
      if (openCount < MAX_OPEN) {
        stack.push(effect && { effect, after: generated(effect.after) });
        openCount += 1;
      }
    }
    if (effect?.direction !== undefined && !empty)
      emit(effect.direction === 'override' ? OVERRIDE : EMBEDDING);
    if (effect?.before !== undefined) emit(generated(effect.before));
    for (const [key, value] of tagAttributes) readAttribute(name, key, value);
    tagAttributes = new Map();
  };
  const close = (name: string) => {
    const stack = opened.get(name);
    const styled = stack?.pop();
    if (stack !== undefined && openCount > 0) openCount -= 1;
    if (styled !== undefined) {
      if (styled.after !== '') emit(styled.after);
      if (styled.effect.direction !== undefined) emit(POP);
    }
    layOut(name, false, styled?.effect.layout);
    if (drawings > 0) {
      if (name === 'svg' || name === 'math') drawings -= 1;
      else if (drawn > 0 && DRAWN.has(name)) drawn -= 1;
      if (drawings === 0) drawn = 0;
    }
    if (hiderDepth > 0 && name === hider) hiderDepth -= 1;
    if (PREFORMATTED.has(name) && preformatted > 0) preformatted -= 1;
  };
  const readAttribute = (element: string, key: string, value: string) => {
    const trimmed = value.trim();
    if (trimmed === '') return;
    if (/^data:/i.test(trimmed)) {
      if (dataUris.length < MAX_DATA_URIS) dataUris.push(trimmed);
      return;
    }
    if (key === 'alt') alternative(trimmed);
    const depth = options.depth ?? 0;
    if (key === 'srcdoc' && depth < MAX_DOCUMENTS) {
      const inner = htmlTexts(trimmed, { depth: depth + 1 });
      attributes.push(inner.visible, inner.hidden, inner.attributes);
    } else attributes.push(attributeText(element, key, trimmed, xml));
  };

  const tokenizer = new Tokenizer(
    { xmlMode: xml, decodeEntities: true },
    {
      onopentagname(start, end) {
        tag = html.slice(start, end).toLowerCase();
        tagAttributes = new Map();
      },
      onopentagend(end) {
        read = end + 1;
        open(false);
      },
      onselfclosingtag(end) {
        read = end + 1;
        open(true);
      },
      onclosetag(start, end) {
        read = Math.max(end, html.indexOf('>', end) + 1);
        close(html.slice(start, end).toLowerCase());
      },
      onattribname(start, end) {
        attributeName = html.slice(start, end).toLowerCase();
        attributeValue = '';
      },
      onattribdata(start, end) {
        attributeValue += html.slice(start, end);
      },
      onattribentity(point) {
        attributeValue += String.fromCodePoint(point);
      },
      onattribend() {
        if (!tagAttributes.has(attributeName)) tagAttributes.set(attributeName, attributeValue);
        else if (attributeValue.trim() !== '') attributes.push(attributeValue.trim());
      },
      ontext(start, end) {
        read = end;
        text(html.slice(start, end));
      },
      ontextentity(point, end) {
        read = end;
        text(String.fromCodePoint(point));
      },
      oncdata: (start, end, offset) => text(html.slice(start, end - offset)),
      oncomment(start, end, offset) {
        read = end;
        comments.push(html.slice(start, end - offset));
      },
      ondeclaration: (start, end) => comments.push(html.slice(start, end)),
      onprocessinginstruction: (start, end) => comments.push(html.slice(start, end)),
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  // A tag that never ends isn't shown, and is in the source.
  const rest = html.slice(read);
  if (/<[a-z/!?]/i.test(rest)) comments.push(rest);
  while (tables.length > 0) closeTable();
  return {
    visible: visible.join(),
    hidden: hidden.join().trim(),
    all: differs ? all.join() : '',
    alternatives: named ? alternatives.join() : '',
    attributes: attributes.filter((line) => line !== '').join('\n'),
    comments: comments.join('\n').trim(),
    table: tableTexts.join('\n'),
    dataUris,
  };
}

/** Tags and attributes that hide by themselves. */
function hides(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (NOT_SHOWN.has(name) || attributes.has('hidden')) return true;
  if (name === 'dialog') return !attributes.has('open');
  if (attributes.get('aria-hidden')?.toLowerCase() === 'true') return true;
  return name === 'font' && (attributes.get('size') === '0' || isWhite(attributes.get('color') ?? ''));
}

/** Text as it stands on lines: blanks and line breaks between blocks count once. */
function lineSink() {
  const pieces: string[] = [];
  /** Line breaks at the end; blanks after them aren't content. */
  let breaks = 2;
  let blank = false;
  return {
    text(value: string, asIs: boolean): void {
      let shown = value;
      if (!asIs) {
        if ((breaks > 0 || blank) && shown.startsWith(' ')) shown = shown.slice(1);
        if (shown === '') return;
      }
      pieces.push(shown);
      blank = shown.endsWith(' ');
      breaks = 0;
    },
    lines(wanted: 1 | 2, always: boolean): void {
      const missing = always ? 1 : wanted - breaks;
      for (let i = 0; i < missing; i++) pieces.push('\n');
      breaks = Math.max(breaks + (missing > 0 ? missing : 0), 0);
      blank = false;
    },
    join: () => pieces.join(''),
  };
}
