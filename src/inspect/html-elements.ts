import { BLOCK, ENDS_PARAGRAPH, VOID } from './html-tags.js';
import type { StartTag, TokenReader } from './html-tokens.js';

/** An element, and which part of the text it holds. */
export interface Element {
  readonly parent: number;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** Of a condition, as it is written. */
  readonly written: string;
  start: number;
  end: number;
}

/** Text with the innermost element that holds it; -1 where none does. */
export interface Piece {
  readonly element: number;
  readonly text: string;
}

const MAX_ELEMENTS = 200_000;
const NO_ATTRIBUTES: ReadonlyMap<string, string> = new Map();
const RAW = new Set(['script', 'style', 'title', 'template']);
const MAX_RAW = 100;
const CELL = new Set(['td', 'th']);
/** Where no text may stand but in cells and the caption: it is shown before the table (HTML, 13.2.6.1). */
export const TABLE_PARTS: ReadonlySet<string> = new Set(['table', 'thead', 'tbody', 'tfoot', 'tr']);
/** The name of such text as an element. */
const LOOSE = '![loose';
/** Attributes that tell elements apart to no style that mail has. */
const APART = /^(?:href|src|title|alt|target|rel|name|value|content)$/;
/** Elements of the same name that end where another begins (HTML, 13.1.2.4). */
const ENDS_ITS_LIKE = new Set('p a td th tr li option optgroup dt dd rt rp button nobr'.split(' '));

/** The elements of a document with the text that they hold, all of it as if it were shown. */
export interface Elements {
  /** Parents come first. */
  readonly elements: readonly Element[];
  readonly pieces: readonly Piece[];
  /** There are more elements than were told apart. */
  readonly cut: boolean;
  /** Some of them have attributes that are written more than once. */
  readonly repeated: boolean;
}

/** Gathers the elements of a document from its tokens. Linear in the length. */
export function elementsReader(html: string): {
  readonly reader: TokenReader;
  readonly finish: () => Elements;
} {
  const elements: Element[] = [];
  const pieces: Piece[] = [];
  const open: { readonly id: number; readonly name: string; readonly breaks: string }[] = [];
  const openNames = new Map<string, number>();
  let length = 0;
  let cut = false;
  let repeated = false;
  const add = (text: string) => {
    if (text === '') return;
    pieces.push({ element: open.at(-1)?.id ?? -1, text });
    length += text.length;
  };
  const pop = () => {
    const top = open.at(-1);
    if (top === undefined) return;
    add(top.breaks);
    open.pop();
    openNames.set(top.name, (openNames.get(top.name) ?? 1) - 1);
    const element = elements[top.id];
    if (element !== undefined) element.end = length;
  };
  const close = (ended: string) => {
    if ((openNames.get(ended) ?? 0) === 0) return;
    while (open.length > 0) {
      const done = open.at(-1)?.name === ended;
      pop();
      if (done) return;
    }
  };
  const begin = (name: string, attributes: ReadonlyMap<string, string>, breaks: string, written = '') => {
    if (elements.length >= MAX_ELEMENTS) {
      cut = true;
      return;
    }
    const id = elements.length;
    elements.push({ parent: open.at(-1)?.id ?? -1, name, attributes, written, start: length, end: -1 });
    open.push({ id, name, breaks });
    openNames.set(name, (openNames.get(name) ?? 0) + 1);
    add(breaks);
  };
  const start = ({ name, attributes, joined }: StartTag) => {
    if (joined !== attributes) repeated = true;
    if (name === 'br' || name === 'hr') return add('\n');
    // `<b/>` begins an element like `<b>`: the stroke is nothing to browsers.
    if (VOID.has(name)) return;
    const top = open.at(-1)?.name;
    if (top === 'p' && ENDS_PARAGRAPH.has(name)) pop();
    else if (top !== undefined && CELL.has(top) && CELL.has(name)) pop();
    else if (top !== undefined && CELL.has(top) && name === 'tr') {
      pop();
      if (open.at(-1)?.name === 'tr') pop();
    } else if (top === name && ENDS_ITS_LIKE.has(name)) pop();
    else if (name === 'a') close('a');
    const inline = () => /inline|float|contents/i.test(joined.get('style') ?? '');
    begin(name, joined, CELL.has(name) ? '\t' : BLOCK.has(name) && !inline() ? '\n' : '');
  };
  const condition = (from: number, to: number) => {
    const source = html.slice(from, Math.min(to, from + 80)).toLowerCase();
    if (/^!?\[if/.test(source) && html[from - 1] !== '-') begin('![if', NO_ATTRIBUTES, '', source);
    else if (/^[!<]*\[endif/.test(source)) close('![if');
  };
  return {
    reader: {
      start,
      close,
      text(_raw, shown) {
        const top = open.at(-1)?.name ?? '';
        if (RAW.has(top) && shown.trim().length > MAX_RAW) return;
        if (!TABLE_PARTS.has(top) || shown.trim() === '') return add(shown);
        begin(LOOSE, NO_ATTRIBUTES, '');
        add(shown);
        close(LOOSE);
      },
      // `<![if …]>` is a comment to most readers, which show what follows, and a condition to others.
      comment: condition,
      declaration: condition,
    },
    finish() {
      while (open.length > 0) pop();
      return { elements, pieces, cut, repeated };
    },
  };
}

/** Whether a style sheet has rules that tell elements apart which have the same name and attributes. */
export function tellsAlikeApart(html: string): boolean {
  const start = /<style/gi;
  while (start.test(html)) {
    const opened = html.indexOf('>', start.lastIndex);
    if (opened < 0) return false;
    const end = html.indexOf('<', opened);
    if (APART_RULE.test(html.slice(opened + 1, end < 0 ? html.length : end))) return true;
    // What else began before it is opened ends there, too: no stretch is looked at twice.
    start.lastIndex = opened;
  }
  return false;
}

const APART_RULE = /[+~]|:(?:nth|first|last|only|not|has|is|where)/i;

/**
 * What each element shares with those that no style of a mail tells from it. Made once, where it is asked for: an element may
 * have very many attributes, and be asked for very often.
 */
export function signaturesOf(elements: readonly Element[]): (id: number) => string {
  const known = new Map<number, string>();
  return (id) => {
    const element = elements[id];
    const signature = known.get(id) ?? (element === undefined ? '' : signatureOf(element));
    known.set(id, signature);
    return signature;
  };
}

function signatureOf({ name, attributes, written }: Element): string {
  if (written !== '') return written;
  let signature = name;
  for (const [key, value] of attributes) {
    if (!APART.test(key)) signature += ` ${key}=${value.slice(0, 200)}`;
  }
  return signature;
}
