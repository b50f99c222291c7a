import { Tokenizer } from 'htmlparser2';
import { BLOCK, ENDS_PARAGRAPH, VOID } from './html-tags.js';

/** An element, and which part of the text it holds. */
export interface Element {
  readonly parent: number;
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  /** What it shares with elements that no style of a mail tells from it. */
  readonly signature: string;
  start: number;
  end: number;
}

/** Text with the innermost element that holds it; -1 where none does. */
export interface Piece {
  readonly element: number;
  readonly text: string;
}

const MAX_ELEMENTS = 200_000;
const RAW = new Set(['script', 'style', 'title', 'template']);
const MAX_RAW = 100;
const CELL = new Set(['td', 'th']);
/** Attributes that tell elements apart to no style that mail has. */
const APART = /^(?:href|src|title|alt|target|rel|name|value|content)$/;
/** Elements of the same name that end where another begins (HTML, 13.1.2.4). */
const ENDS_ITS_LIKE = new Set('p a td th tr li option optgroup dt dd rt rp button nobr'.split(' '));

/** The elements with the text that they hold, all of it as if it were shown. Parents come first. Linear in the length. */
export function elementsOf(html: string): {
  readonly elements: readonly Element[];
  readonly pieces: readonly Piece[];
  readonly full: string;
  /** There are more elements than were told apart. */
  readonly cut: boolean;
} {
  const elements: Element[] = [];
  const pieces: Piece[] = [];
  const open: { readonly id: number; readonly name: string; readonly breaks: string }[] = [];
  const openNames = new Map<string, number>();
  let length = 0;
  let cut = false;
  let name = '';
  let attributes = new Map<string, string>();
  let attribute = '';
  const add = (text: string) => {
    if (text === '') return;
    pieces.push({ element: open.at(-1)?.id ?? -1, text });
    length += text.length;
  };
  const text = (raw: string) => {
    const top = open.at(-1)?.name;
    if (top !== undefined && RAW.has(top) && raw.length > MAX_RAW) return;
    add(raw.replace(/[ \t\r\n\f]+/g, ' '));
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
  const begin = (signature: string, opened: string, breaks: string) => {
    if (elements.length >= MAX_ELEMENTS) {
      cut = true;
      return;
    }
    const id = elements.length;
    elements.push({
      parent: open.at(-1)?.id ?? -1,
      name: opened,
      attributes,
      signature,
      start: length,
      end: -1,
    });
    open.push({ id, name: opened, breaks });
    openNames.set(opened, (openNames.get(opened) ?? 0) + 1);
    add(breaks);
  };
  const start = (selfClosing: boolean) => {
    if (name === 'br' || name === 'hr') return add('\n');
    if (VOID.has(name) || selfClosing) return;
    const top = open.at(-1)?.name;
    if (top === 'p' && ENDS_PARAGRAPH.has(name)) pop();
    else if (top !== undefined && CELL.has(top) && CELL.has(name)) pop();
    else if (top !== undefined && CELL.has(top) && name === 'tr') {
      pop();
      if (open.at(-1)?.name === 'tr') pop();
    } else if (top === name && ENDS_ITS_LIKE.has(name)) pop();
    else if (name === 'a') close('a');
    const style = attributes.get('style') ?? '';
    const inline = /inline|float|contents/i.test(style);
    begin(
      signatureOf(name, attributes),
      name,
      CELL.has(name) ? '\t' : BLOCK.has(name) && !inline ? '\n' : '',
    );
  };
  const condition = (from: number, to: number) => {
    const source = html.slice(from, Math.min(to, from + 80)).toLowerCase();
    if (/^!?\[if/.test(source) && html[from - 1] !== '-') {
      attributes = new Map();
      begin(source, '![if', '');
    } else if (/^[!<]*\[endif/.test(source)) close('![if');
  };
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname(from, to) {
        name = html.slice(from, to).toLowerCase();
        attributes = new Map();
      },
      onopentagend: () => start(false),
      onselfclosingtag: () => start(false),
      onclosetag: (from, to) => close(html.slice(from, to).toLowerCase()),
      onattribname(from, to) {
        attribute = html.slice(from, to).toLowerCase();
        if (!attributes.has(attribute)) attributes.set(attribute, '');
      },
      onattribdata(from, to) {
        attributes.set(attribute, `${attributes.get(attribute) ?? ''}${html.slice(from, to)}`);
      },
      onattribentity(point) {
        attributes.set(attribute, `${attributes.get(attribute) ?? ''}${String.fromCodePoint(point)}`);
      },
      onattribend: () => undefined,
      ontext: (from, to) => text(html.slice(from, to)),
      ontextentity: (point) => text(String.fromCodePoint(point)),
      oncdata: (from, to, offset) => text(html.slice(from, to - offset)),
      // `<![if …]>` is a comment to most readers, which show what follows, and a condition to others.
      oncomment: (from, to) => condition(from, to),
      ondeclaration: (from, to) => condition(from, to),
      onprocessinginstruction: () => undefined,
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  while (open.length > 0) pop();
  return { elements, pieces, full: pieces.map((piece) => piece.text).join(''), cut };
}

/** Whether a style sheet has rules that tell elements apart which have the same name and attributes. */
export function tellsAlikeApart(html: string): boolean {
  return /<style[^>]*>[^<]*(?:[+~]|:(?:nth|first|last|only|not|has|is|where))/i.test(html);
}

function signatureOf(name: string, attributes: ReadonlyMap<string, string>): string {
  let signature = name;
  for (const [key, value] of attributes) {
    if (!APART.test(key)) signature += ` ${key}=${value.slice(0, 200)}`;
  }
  return signature;
}
