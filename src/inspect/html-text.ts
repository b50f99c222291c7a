import { attributeText } from './html-attributes.js';
import { dataUrisInStyle, dataUrisOf, MAX_DATA_URIS } from './html-data-uris.js';
import { type DocumentStyles, documentStyles, NO_STYLES } from './html-sheets.js';
import { effectOf, isWhite, type StyleEffect, tooLong } from './html-style.js';
import { htmlTables } from './html-tables.js';
import {
  BLOCK,
  DRAWN,
  ENDS_DRAWING,
  ENDS_PARAGRAPH,
  NEVER_SHOWN,
  NOT_SHOWN,
  PARAGRAPH,
  PREFORMATTED,
  VOID,
} from './html-tags.js';
import { readTokens, type StartTag, type TokenReader } from './html-tokens.js';
import { lineSink } from './line-sink.js';

export { BLOCK } from './html-tags.js';

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
  /** `data:` URIs, whole; one more than `MAX_DATA_URIS` where there are too many. */
  readonly dataUris: readonly string[];
  /** Style sheets generate more text than was read. */
  readonly cut: boolean;
  /** There is more style than was heeded. */
  readonly styleCut: boolean;
  /** Style sheets seem to make text, or to put lines behind each other, where they may not: their conditions aren't weighed. */
  readonly assumed: boolean;
  /** Line breaks seem to be hidden, which were read all the same. */
  readonly breaksHidden: boolean;
}

/** Elements that are open at the same time, as far as their styles are kept. */
const MAX_OPEN = 20_000;
/** Characters that tables and generated text may have beyond twice the document's. */
const ROOM = 65_536;
/** Documents within attributes of documents. */
const MAX_DOCUMENTS = 5;
/** What browsers take of it (HTML, 2.3.4.1). */
const ITEM_NUMBER = /^\s*[-+]?\d{1,12}/;
/** Fields whose value isn't shown as text. */
const WITHOUT_TEXT = /^\s*(?:hidden|checkbox|radio|range|color|password|file|image)\s*$/i;
/** Elements that are nothing but the end of a line. */
const BREAKS: ReadonlySet<string> = new Set(['br', 'hr']);
const OVERRIDE = '\u202e';
const EMBEDDING = '\u202b';
const POP = '\u202c';

/** An element whose style changes how it is read. */
interface Styled {
  readonly effect: StyleEffect;
  readonly after: string;
}

interface HtmlOptions {
  readonly xml?: boolean;
  /** How many documents it stands in. */
  readonly depth?: number;
  /** Those of the document, where they are known. */
  readonly styles?: DocumentStyles;
  /** Is told the same tokens. */
  readonly beside?: TokenReader;
  /** Without what style sheets seem to make (`HtmlTexts.assumed`). */
  readonly unassuming?: boolean;
  /** Without line breaks that seem to be hidden. */
  readonly joinsLines?: boolean;
}

/**
 * Reads HTML by its tokens alone: no tree, so the time is linear in the length whatever the nesting. Malformed HTML is
 * read like any other. Style sheets are heeded as far as they hide, generate and turn text.
 */
export function htmlTexts(html: string, options: HtmlOptions = {}): HtmlTexts {
  const xml = options.xml === true;
  const visible = lineSink();
  const hidden = lineSink();
  const all = lineSink();
  const alternatives = lineSink();
  const attributes: string[] = [];
  const comments: string[] = [];
  const dataUris: string[] = [];
  const styles = xml ? NO_STYLES : (options.styles ?? documentStyles(html));
  let styleCut = styles.cut;
  /** Of the last tag that began. */
  let tagAttributes: ReadonlyMap<string, string> = new Map();
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
  /** Open tables, and how many there were where the last cell began that was shown or hides. */
  let openTables = 0;
  let hiddenTables = 0;
  const pictures = /\balt\s*=|<(?:input|option|optgroup|button)\b|textpath/i.test(html);
  let named = false;
  /** The number of the next item, where it is said. */
  let listStart: string | undefined;
  /** Up to where the source has been told of. */
  let read = 0;
  const rightToLeft = !xml && /rtl/i.test(html);
  const tables = htmlTables(2 * html.length + ROOM, rightToLeft);
  let generatedRoom = 2 * html.length + ROOM;
  let cut = false;
  let assumed = false;
  let breaksHidden = false;

  /** Of open elements, the direction characters of their text. */
  const directions: string[] = [];
  let lineBegins = false;

  const emit = (given: string) => {
    if (given === '') return;
    // Such characters count up to the end of their line, and elements go on.
    const again = lineBegins && directions.length > 0 && given.trim() !== '';
    const text = again ? directions.join('') + given : given;
    if (again) lineBegins = false;
    const unseen = hiderDepth > 0 || (drawings > 0 && drawn === 0);
    if (hiderDepth === 0 || !NEVER_SHOWN.has(hider)) all.text(text, preformatted > 0);
    if (unseen) {
      hidden.text(text, preformatted > 0);
      if (hiderDepth === 0 || !NEVER_SHOWN.has(hider)) differs = true;
    } else {
      visible.text(text, preformatted > 0);
      if (pictures) alternatives.text(text, preformatted > 0);
    }
    tables.text(text);
  };
  /** What stands in a picture's place where pictures aren't shown. */
  const alternative = (value: string) => {
    alternatives.text(value, false);
    tables.text(value);
    named = true;
  };
  const layOut = (name: string, opening: boolean, layout: StyleEffect['layout']) => {
    const isCell = name === 'td' || name === 'th';
    if (name === 'br') lineBreak(1, true);
    else if (PARAGRAPH.has(name) && layout === undefined && !xml) lineBreak(2, false);
    else if (!isCell && layout !== 'inline' && (layout === 'block' || BLOCK.has(name) || xml))
      lineBreak(1, false);
    if (name === 'table') {
      if (opening) tables.openTable();
      else tables.closeTable();
    } else if (name === 'tr') tables.closeRow();
    else if (isCell && !opening) tables.closeCell();
    else if (isCell && tables.openCell(tagAttributes.get('colspan'))) cellBreak();
  };
  const lineBreak = (lines: 1 | 2, always: boolean) => {
    lineBegins = true;
    all.lines(lines, always);
    if (pictures && hiderDepth === 0) alternatives.lines(lines, always);
    (hiderDepth > 0 ? hidden : visible).lines(lines, always);
    tables.text(' ');
  };
  const cellBreak = () => {
    all.text('\t', true);
    if (pictures && hiderDepth === 0) alternatives.text('\t', true);
    (hiderDepth > 0 ? hidden : visible).text('\t', true);
  };
  const ownLayout = () => effectOf(tagAttributes.get('style') ?? '')?.layout;
  const effectOfTag = (name: string): StyleEffect | undefined => {
    let effect = styles.styleOf(name, tagAttributes);
    if (effect?.layout === 'inline' && BLOCK.has(name) && ownLayout() === undefined) assumed = true;
    if (effect !== undefined && options.unassuming === true) effect = unassuming(effect, ownLayout());
    if (tooLong(tagAttributes.get('style') ?? '')) styleCut = true;
    if (hides(name, tagAttributes)) effect = { ...effect, hides: true };
    const dir = tagAttributes.get('dir')?.trim().toLowerCase();
    // Without a direction of its own it has its parent's.
    const turned = dir === 'rtl' || (dir === undefined && name === 'bdo' && rightToLeft);
    if (turned && effect?.direction === undefined) {
      effect = { hides: false, ...effect, direction: name === 'bdo' ? 'override' : 'embedding' };
    }
    if (effect?.overrides === true && rightToLeft) effect = { ...effect, direction: 'override' };
    return effect;
  };
  /** What a style sheet puts there. A few letters of a sheet could make any amount of text, so that is bounded. */
  const generated = (content: string | undefined): string => {
    if (content === undefined || cut) return '';
    const text = content.replace(/\0([\w-]+)\0/g, (_, name: string) =>
      (tagAttributes.get(name) ?? '').slice(0, 1000),
    );
    if (text !== '') assumed = true;
    generatedRoom -= text.length;
    if (generatedRoom < 0) cut = true;
    return text;
  };
  /** Whatever begins here ends what hides or turns text, where browsers have it so. */
  const endImplied = (name: string) => {
    const isCell = name === 'td' || name === 'th';
    if (isCell || name === 'tr') {
      for (const cell of ['td', 'th']) if (styledTop(cell) && hiddenTables === openTables) close(cell);
    } else if (name === 'a') {
      if (styledTop('a')) close('a');
    } else if (ENDS_PARAGRAPH.has(name) && styledTop('p')) close('p');
    if (name === 'table') openTables += 1;
    else if ((isCell || name === 'p') && hiderDepth === 0) hiddenTables = openTables;
  };
  const styledTop = (name: string) => opened.get(name)?.at(-1) !== undefined;
  const open = ({ name, attributes }: StartTag, selfClosing: boolean) => {
    tagAttributes = attributes;
    const empty = selfClosing || (VOID.has(name) && !xml);
    if (!xml) endImplied(name);
    const effect = xml ? undefined : effectOfTag(name);
    if (drawings > 0 && ENDS_DRAWING.has(name) && drawn === 0) drawings = 0;
    const isHidden = effect?.hides === true && BREAKS.has(name);
    if (isHidden) breaksHidden = true;
    if (!isHidden || options.joinsLines !== true) layOut(name, true, effect?.layout);
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
    if (effect?.direction !== undefined && !empty) {
      const turn = effect.direction === 'override' ? OVERRIDE : EMBEDDING;
      emit(turn);
      directions.push(turn);
    }
    if (effect?.before !== undefined) emit(generated(effect.before));
    if (name === 'ol') listStart = tagAttributes.get('start');
    else if (name === 'li' && !xml) {
      const number = tagAttributes.get('value') ?? listStart;
      listStart = undefined;
      // Other lists begin with one, and nobody is told anything by their numbers.
      const shown =
        number === undefined ? undefined : ITEM_NUMBER.exec(number)?.[0].trim().replace(/^\+/, '');
      if (shown !== undefined) emit(`${shown}. `);
    }
    for (const [key, value] of tagAttributes) readAttribute(name, key, value);
  };
  const close = (name: string) => {
    if (name === 'table' && openTables > 0) openTables -= 1;
    const stack = opened.get(name);
    const styled = stack?.pop();
    if (stack !== undefined && openCount > 0) openCount -= 1;
    if (styled !== undefined) {
      if (styled.after !== '') emit(styled.after);
      if (styled.effect.direction !== undefined) {
        directions.pop();
        emit(POP);
      }
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
  /** One more than are read tells that there are too many. */
  const addUris = (found: readonly string[]) => {
    dataUris.push(...found.slice(0, MAX_DATA_URIS + 1 - dataUris.length));
  };
  const readAttribute = (element: string, key: string, value: string) => {
    const trimmed = value.trim();
    if (trimmed === '') return;
    const found = dataUrisOf(key, value);
    addUris(found);
    if (found.length > 0 && key !== 'style' && key !== 'srcset') return;
    if (key === 'alt' || standsForText(element, key, tagAttributes)) alternative(trimmed);
    const depth = options.depth ?? 0;
    if (key === 'srcdoc' && depth < MAX_DOCUMENTS) {
      const inner = htmlTexts(trimmed, { depth: depth + 1 });
      attributes.push(inner.visible, inner.hidden, inner.attributes);
    } else attributes.push(attributeText(element, key, trimmed, xml));
  };

  const reader: TokenReader = {
    start(tag, selfClosing, end) {
      read = end;
      open(tag, selfClosing);
    },
    close(name, end) {
      read = Math.max(end, html.indexOf('>', end) + 1);
      close(name);
    },
    text(raw, shown, end) {
      if (end !== undefined) read = end;
      emit(preformatted > 0 ? raw : shown);
    },
    comment(start, end, offset) {
      read = end;
      comments.push(html.slice(start, end - offset));
    },
    declaration: (start, end) => comments.push(html.slice(start, end)),
    instruction: (start, end) => comments.push(html.slice(start, end)),
    repeated(value) {
      if (value.trim() !== '') attributes.push(value.trim());
    },
  };
  readTokens(html, xml, options.beside === undefined ? [reader] : [reader, options.beside]);
  for (const sheet of styles.sources.sheets) addUris(dataUrisInStyle(sheet));
  // A tag that never ends isn't shown, and is in the source.
  const rest = html.slice(read);
  if (/<[a-z/!?]/i.test(rest)) comments.push(rest);
  return {
    visible: visible.join(),
    hidden: hidden.join().trim(),
    all: differs ? all.join() : '',
    alternatives: named ? alternatives.join() : '',
    attributes: attributes.filter((line) => line !== '').join('\n'),
    comments: comments.join('\n').trim(),
    table: tables.finish(),
    cut,
    styleCut,
    assumed,
    breaksHidden,
    dataUris,
  };
}

/** What isn't hidden by what may not be so, and nothing that style sheets add. */
function unassuming(effect: StyleEffect, layout: StyleEffect['layout']): StyleEffect {
  const { before: _before, after: _after, layout: _layout, ...rest } = effect;
  return layout === undefined ? rest : { ...rest, layout };
}

/** Whether the value is shown in the element's place: of fields and choices, and of text that Word draws. */
function standsForText(element: string, key: string, attributes: ReadonlyMap<string, string>): boolean {
  if (key === 'value' || key === 'placeholder')
    return element === 'input' && !WITHOUT_TEXT.test(attributes.get('type') ?? '');
  if (key === 'label') return element === 'option' || element === 'optgroup';
  return key === 'string' && element.endsWith('textpath');
}

/** Tags and attributes that hide by themselves. */
function hides(name: string, attributes: ReadonlyMap<string, string>): boolean {
  if (NOT_SHOWN.has(name) || attributes.has('hidden')) return true;
  if (name === 'dialog') return !attributes.has('open');
  if (attributes.get('aria-hidden')?.toLowerCase() === 'true') return true;
  return name === 'font' && (attributes.get('size') === '0' || isWhite(attributes.get('color') ?? ''));
}
