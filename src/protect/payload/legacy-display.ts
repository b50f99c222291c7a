import { Parser } from 'htmlparser2';
import iconv from 'iconv-lite';
import { isAscii } from '../../inspect/bytes.js';
import { decode } from '../../inspect/charset.js';
import { decodeTransfer } from '../../inspect/transfer.js';
import { encodeLines } from '../base64-lines.js';
import type { StructureChange } from './content-fields.js';
import type { Edit } from './edits.js';
import type { MainBody } from './main-bodies.js';

/** What one main body part needs so that it begins with the Subject. */
export interface LegacyDisplay {
  readonly change: StructureChange;
  /** In the part's body. */
  readonly edit: Edit;
}

/** Character sets in which ASCII text is its own bytes, and each character stands for itself. */
const ASCII_BASED = /^(?:us-ascii|ascii|utf-?8|iso-8859-\d{1,2}|windows-125\d|koi8-[ru]|cp125\d)$/;
/** With text before it a signature made inline no longer holds for all that is shown. */
const PGP_BLOCK = '-----BEGIN PGP';
/** `<body>` is looked for no further: style sheets stand before it, text doesn't. */
const MAX_HTML_HEAD = 256 * 1024;

/**
 * Puts the real Subject into the text of a main body part, for readers that know nothing of protected header fields
 * (RFC 9788 5.2: a Legacy Display Element; appendices E.1 and E.2 show its form). Undefined where that can't be done
 * without a risk for the text.
 * @param start the message's first bytes, in which the part begins
 * @param subject decoded, one line
 */
export function legacyDisplay(start: Buffer, part: MainBody, subject: string): LegacyDisplay | undefined {
  const body = start.subarray(part.bodyStart, part.range.end);
  if (body.includes(PGP_BLOCK)) return undefined;
  return part.kind === 'plain' ? intoPlain(body, part, subject) : intoHtml(body, part, subject);
}

function intoPlain(body: Buffer, part: MainBody, subject: string): LegacyDisplay | undefined {
  const display = `Subject: ${subject}\r\n\r\n`;
  const bytes = ASCII_BASED.test(part.charset) ? encoded(display, part.charset) : undefined;
  if (bytes !== undefined && isPlainEncoding(part, bytes)) {
    return { change: marked(), edit: { start: part.bodyStart, end: part.bodyStart, bytes } };
  }
  const content = wholeContent(body, part);
  if (content === undefined) return undefined;
  if (bytes !== undefined) return rewritten(part, Buffer.concat([bytes, content]));
  if (/ascii$/.test(part.charset) && !isAscii(content)) return undefined;
  const text = decode(content, part.charset);
  if (text === undefined || text.includes('\ufffd')) return undefined;
  return rewritten(part, Buffer.from(display + text, 'utf8'), 'utf-8');
}

function intoHtml(body: Buffer, part: MainBody, subject: string): LegacyDisplay | undefined {
  if (!ASCII_BASED.test(part.charset)) return undefined;
  const display = Buffer.from(
    `\r\n<div class="header-protection-legacy-display">\r\n<pre>Subject: ${escaped(subject)}</pre>\r\n</div>`,
    'latin1',
  );
  if (isPlainEncoding(part, display)) {
    const at = bodyTagEnd(body, part.isWhole);
    if (at === undefined) return undefined;
    const place = part.bodyStart + at;
    return { change: marked(), edit: { start: place, end: place, bytes: display } };
  }
  const content = wholeContent(body, part);
  const at = content === undefined ? undefined : bodyTagEnd(content, true);
  if (content === undefined || at === undefined) return undefined;
  return rewritten(part, Buffer.concat([content.subarray(0, at), display, content.subarray(at)]));
}

/** Whether these bytes can stand in the body as they are. */
function isPlainEncoding(part: MainBody, bytes: Buffer): boolean {
  return (
    part.encoding === '8bit' || part.encoding === 'binary' || (part.encoding === '7bit' && isAscii(bytes))
  );
}

/** The decoded content, where there is only one way to read it and all of it is there. */
function wholeContent(body: Buffer, part: MainBody): Buffer | undefined {
  if (!part.isWhole) return undefined;
  const { readings, oddities } = decodeTransfer(body, [part.encoding]);
  const [content, ...others] = readings;
  if (others.length > 0 || oddities.some((oddity) => oddity.material)) return undefined;
  return content?.includes(PGP_BLOCK) === true ? undefined : content;
}

function marked(charset?: string): StructureChange {
  const parameters = new Map([['hp-legacy-display', '1']]);
  if (charset !== undefined) parameters.set('charset', charset);
  return { parameters };
}

function rewritten(part: MainBody, content: Buffer, charset?: string): LegacyDisplay {
  return {
    change: { ...marked(charset), encoding: 'base64' },
    edit: { start: part.bodyStart, end: part.range.end, bytes: encodeLines(content) },
  };
}

/** The text in that character set, or undefined where it has a character that the set lacks. */
function encoded(text: string, charset: string): Buffer | undefined {
  if (/^[\0-\x7f]*$/.test(text)) return Buffer.from(text, 'latin1');
  if (/ascii$/.test(charset)) return undefined;
  const bytes = iconv.encode(text, charset);
  return iconv.decode(bytes, charset) === text ? bytes : undefined;
}

/** As ASCII that means the same in every ASCII-based character set. */
function escaped(text: string): string {
  return text.replace(/[^\x20-\x7e]|[&<>"']/gu, (character) => `&#${character.codePointAt(0) ?? 0xfffd};`);
}

/**
 * Where the content of `<body>` begins: behind its tag, else where a browser would think it. Undefined where the tag may
 * come behind what was read.
 */
function bodyTagEnd(html: Buffer, isWhole: boolean): number | undefined {
  let body: number | undefined;
  let fallback = 0;
  const parser = new Parser({
    onopentag(name) {
      if (name === 'body') body ??= parser.endIndex + 1;
      else if (name === 'html' && body === undefined) fallback = Math.max(fallback, parser.endIndex + 1);
    },
    onclosetag(name, isImplied) {
      if (name === 'head' && !isImplied && body === undefined) fallback = parser.endIndex + 1;
    },
    onprocessinginstruction(name) {
      if (/^!doctype$/i.test(name) && fallback === 0) fallback = parser.endIndex + 1;
    },
  });
  // Latin-1, so that offsets of characters are those of bytes.
  parser.end(html.toString('latin1', 0, MAX_HTML_HEAD));
  if (body !== undefined) return body;
  return isWhole && html.length <= MAX_HTML_HEAD ? fallback : undefined;
}
