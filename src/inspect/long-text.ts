import { isUtf8 } from 'node:buffer';
import { base64Documents, base64Texts } from './base64-runs.js';
import { isAscii, LF } from './bytes.js';
import { labelKey } from './charset-labels.js';
import { TEXT } from './documents/kinds.js';
import { textKind } from './documents/kinds-text.js';
import { isPlainType, type LeafContent, mayBeMarkup } from './leaf.js';
import type { LongContent } from './long-content.js';
import { normalise } from './normalise.js';
import { sniff } from './sniff.js';
import { isDelimited } from './table-text.js';
import { isTextPicture } from './text-pictures.js';
import { findUuBlocks } from './uuencode.js';
import { visualOrder } from './visual-order.js';
import { findYencBlocks } from './yenc.js';

/** A long content that is text with nothing but words in it, so that any stretch of it can be read by itself. */
export interface LongText {
  /** Bytes that are read of it. */
  readonly size: number;
  readonly windows: () => Iterable<TextWindow>;
  readonly whole: () => string;
}

/** A stretch of the text with its surroundings. Offsets are UTF-16 code units of `text()`. */
export interface TextWindow {
  readonly coreStart: number;
  readonly coreEnd: number;
  readonly text: () => string;
}

export interface WindowSizes {
  /** Bytes of a core, about: it ends at a line end where there is one near. */
  readonly core: number;
  /** Bytes around a core. */
  readonly margin: number;
}

/**
 * Rules look 1,200 characters around what they judge (`detect/excerpts.ts`), classification as far around what they
 * found, and a line break may be two bytes here and one character there.
 */
const SIZES: WindowSizes = { core: 128 * 1024, margin: 8 * 1024 };
/** How far before the end of a core a line end is looked for. */
const LINE_END_WITHIN = 2048;
/** Bytes that show what a text is. */
const HEAD = 72 * 1024;
const LOOKED_AT = 256 * 1024;
/** Bytes seen again, so that what lies across is seen. */
const ACROSS = 4096;

const UTF8 = /^(?:utf8|cp65001)$/;
const LIKE_ASCII = /^(?:|usascii|ascii|utf8|cp65001|iso8859\d{1,2}|latin1|(?:windows|cp)125[0-8])$/;
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/;
/** Characters that normalising removes: with enough of them, what is near would be far in the bytes. */
const REMOVED =
  /(?=[^\0-\x7f])[\p{Cf}\p{Cc}\p{Cs}\p{Co}\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufffd\ufffc]/u;

/**
 * A long leaf as text that can be read in windows: plain text in ASCII or UTF-8 without markup, armour, encoded blocks,
 * tables of people or anything else that has to be read as a whole. Undefined for all others, which `readLeaf` reads.
 * Takes memory for a stretch at a time.
 * @param maxText bytes of text read, as of `readLeaf`
 */
export function longText(
  { mediaType, charsets, flowed }: Omit<LeafContent, 'bytes'>,
  content: LongContent,
  maxText: number,
  sizes = SIZES,
): LongText | undefined {
  if (!isPlainType(mediaType) || flowed !== undefined || charsets.length > 1) return undefined;
  const label = labelKey((charsets[0] ?? '').trim());
  if (!LIKE_ASCII.test(label)) return undefined;
  const head = content.read(0, Math.min(content.size, HEAD));
  if (head === undefined || !isTextByItsHead(wholeCharacters(head, true, head.length === content.size)))
    return undefined;
  const wide = widthOf(content, UTF8.test(label));
  if (wide === undefined) return undefined;
  const size = Math.min(content.size, maxText);
  // A character cut by the limit would make other text of all before it.
  if (size < content.size && isInsideCharacter(read(content, size, size + 1), 0)) return undefined;
  const decode = (bytes: Buffer) => bytes.toString(wide ? 'utf8' : 'latin1');
  return {
    size,
    whole: () => decode(read(content, 0, size)),
    windows: () => windows(content, size, decode, sizes),
  };
}

function isTextByItsHead(head: Buffer): boolean {
  // What CMS begins with is a digit of text too.
  if (head[0] === 0x30 || /^\+\/v[89+/]/.test(head.toString('latin1', 0, 4))) return false;
  const text = head.toString('latin1');
  return (
    sniff(head) === 'text' &&
    textKind(head) === TEXT &&
    !isTextPicture(head) &&
    !/^BEGIN:V/m.test(text.slice(0, 4096)) &&
    !isDelimited(text)
  );
}

/** Whether there are characters beyond ASCII; undefined where there is anything that has to be read as a whole. */
function widthOf(content: LongContent, isUtf8Declared: boolean): boolean | undefined {
  let wide = false;
  for (let at = 0; at < content.size; at += LOOKED_AT) {
    const from = Math.max(0, at - ACROSS);
    const bytes = content.read(from, Math.min(content.size, at + LOOKED_AT));
    if (bytes === undefined) return undefined;
    const narrow = isAscii(bytes);
    if (!narrow && !isUtf8Declared) return undefined;
    const characters = narrow ? bytes : wholeCharacters(bytes, from === 0, at + LOOKED_AT >= content.size);
    if (!isUtf8(characters) || !isPlainText(characters, narrow)) return undefined;
    if (!narrow) wide = true;
  }
  return wide;
}

function isPlainText(bytes: Buffer, narrow: boolean): boolean {
  const text = bytes.toString(narrow ? 'latin1' : 'utf8').replace(/^\ufeff/, '');
  if (CONTROL.test(text) || text.includes('~{') || text.includes('-----BEGIN ')) return false;
  if (text.includes('<') && mayBeMarkup(text)) return false;
  if (!narrow && (REMOVED.test(text) || visualOrder(text) !== undefined)) return false;
  return (
    base64Documents(text).length === 0 &&
    base64Texts(normalise(text).text) === '' &&
    findUuBlocks(bytes).length === 0 &&
    findYencBlocks(bytes).length === 0
  );
}

/** Without the rest of a character at the beginning, and the beginning of one at the end. */
function wholeCharacters(bytes: Buffer, isFirst: boolean, isLast: boolean): Buffer {
  let start = 0;
  let end = bytes.length;
  if (!isFirst) while (start < 4 && isInsideCharacter(bytes, start)) start += 1;
  if (!isLast) {
    let lead = end - 1;
    while (lead > end - 4 && isInsideCharacter(bytes, lead)) lead -= 1;
    if ((bytes[lead] ?? 0) >= 0xc0) end = lead;
  }
  return bytes.subarray(start, end);
}

function isInsideCharacter(bytes: Buffer, at: number): boolean {
  return ((bytes[at] ?? 0) & 0xc0) === 0x80;
}

function* windows(
  content: LongContent,
  size: number,
  decode: (bytes: Buffer) => string,
  { core, margin }: WindowSizes,
): Generator<TextWindow> {
  for (let start = 0; start < size; ) {
    const end = cutBefore(content, start, start + core, size);
    const from = cutAt(content, Math.max(0, start - margin), size);
    const to = cutAt(content, Math.min(size, end + margin), size);
    const stretch = read(content, from, to);
    const coreStart = decode(stretch.subarray(0, start - from)).length;
    yield {
      coreStart,
      coreEnd: coreStart + decode(stretch.subarray(start - from, end - from)).length,
      text: () => decode(read(content, from, to)),
    };
    start = end;
  }
}

/** A line's beginning not far before a place, or the place itself. */
function cutBefore(content: LongContent, start: number, wanted: number, size: number): number {
  if (wanted >= size) return size;
  const from = Math.max(start + 1, wanted - LINE_END_WITHIN);
  const line = from < wanted ? read(content, from, wanted).lastIndexOf(LF) : -1;
  return line < 0 ? cutAt(content, wanted, size) : from + line + 1;
}

/** The place, or the next one that lies neither within a character nor within a line end. */
function cutAt(content: LongContent, place: number, size: number): number {
  if (place <= 0 || place >= size) return Math.max(0, Math.min(place, size));
  const bytes = read(content, place, Math.min(size, place + 4));
  let at = 0;
  while (at < bytes.length && (isInsideCharacter(bytes, at) || bytes[at] === LF)) at += 1;
  return place + at;
}

/** A stretch of what has been looked at. */
function read(content: LongContent, from: number, to: number): Buffer {
  const bytes = content.read(from, to);
  if (bytes === undefined) throw new Error('a content that was readable no longer is');
  return bytes;
}
