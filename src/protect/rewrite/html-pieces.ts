import { QuoteType, Tokenizer } from 'htmlparser2';
import { NEVER_SHOWN } from '../../inspect/html-tags.js';
import { BLOCK } from '../../inspect/html-text.js';

/** A piece of a HTML source. Offsets are UTF-16 code units; `end` is behind the last one. */
export type HtmlPiece =
  /** Text that is shown or hidden. `text` is what the source there means; where that is as long, offsets run alongside. */
  | {
      readonly kind: 'text';
      readonly start: number;
      readonly end: number;
      readonly text: string;
      /** It stands in a script, a style sheet or the title: no reader shows it among the words around it. */
      readonly neverShown: boolean;
    }
  /** A tag of a block or cell, which breaks words and lines, or of something within a line, which doesn't. */
  | { readonly kind: 'break' }
  /** The value of an attribute, with its quotation marks left out. */
  | {
      readonly kind: 'attribute';
      readonly start: number;
      readonly end: number;
      readonly text: string;
    }
  /** A comment, declaration or processing instruction without its delimiters. */
  | { readonly kind: 'comment'; readonly start: number; readonly end: number; readonly text: string };

/** Reads a HTML source as the inspector does, with places. Linear in its length. */
export function htmlPieces(html: string): readonly HtmlPiece[] {
  const pieces: HtmlPiece[] = [];
  let nameEnd = 0;
  let value = '';
  /** The open element that is never shown. No element begins within one. */
  let unseen = '';
  const breakAt = (start: number, end: number) => {
    const name = html.slice(start, end).toLowerCase();
    if (BLOCK.has(name) || name === 'td' || name === 'th') pieces.push({ kind: 'break' });
  };
  const opening = (start: number, end: number) => {
    const name = html.slice(start, end).toLowerCase();
    if (NEVER_SHOWN.has(name)) unseen = name;
    breakAt(start, end);
  };
  const closing = (start: number, end: number) => {
    if (html.slice(start, end).toLowerCase() === unseen) unseen = '';
    breakAt(start, end);
  };
  const text = (start: number, end: number, means = html.slice(start, end)) =>
    pieces.push({ kind: 'text', start, end, text: means, neverShown: unseen !== '' });
  const comment = (start: number, end: number) =>
    pieces.push({ kind: 'comment', start, end, text: html.slice(start, end) });
  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname: opening,
      onclosetag: closing,
      onopentagend: () => undefined,
      onselfclosingtag: () => undefined,
      onattribname(_start, end) {
        nameEnd = end;
        value = '';
      },
      onattribdata(start, end) {
        value += html.slice(start, end);
      },
      onattribentity(point) {
        value += String.fromCodePoint(point);
      },
      onattribend(quote, end) {
        if (quote === QuoteType.NoValue || value === '') return;
        const lead = /^\s*=\s*["']?/.exec(html.slice(nameEnd, end))?.[0].length ?? 0;
        const closed = quote === QuoteType.Unquoted ? end : end - 1;
        pieces.push({ kind: 'attribute', start: nameEnd + lead, end: closed, text: value });
      },
      ontext: (start, end) => text(start, end),
      ontextentity(point, end) {
        const start = html.lastIndexOf('&', end - 1);
        text(Math.max(0, start), end, String.fromCodePoint(point));
      },
      oncdata: (start, end, offset) => text(start, end - offset),
      oncomment: (start, end, offset) => comment(start, end - offset),
      ondeclaration: comment,
      onprocessinginstruction: comment,
      onend: () => undefined,
    },
  );
  tokenizer.write(html);
  tokenizer.end();
  return pieces;
}
