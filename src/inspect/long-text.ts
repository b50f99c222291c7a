import { isAscii, LF } from './bytes.js';
import { labelKey } from './charset-labels.js';
import { TEXT } from './documents/kinds.js';
import { textKind } from './documents/kinds-text.js';
import type { LeafContent } from './leaf/content.js';
import { LDIF } from './leaf/further-readings.js';
import { plainBytes } from './plain-bytes.js';
import { regularLines } from './regular-base64.js';
import { sniff } from './sniff.js';
import { isDelimited } from './table-text.js';
import { isTextPicture } from './text-pictures.js';

/**
 * A long leaf that `readLeaf` would read as one text and nothing else, without any oddity: `text()`. A stretch of it at a time
 * is in memory.
 */
export interface LongText {
  /** Decoded bytes of the leaf. */
  readonly size: number;
  /** It is longer than what is read of it. */
  readonly isCut: boolean;
  /** The text, as much as is read of it. */
  readonly text: () => string;
  /** Whole lines of it, with some of those on either side. */
  readonly windows: () => Iterable<TextWindow>;
}

export interface TextWindow {
  readonly text: string;
  /** So many characters at its beginning are the window's before it; 0 where the text begins here. */
  readonly lead: number;
}

/** Decoded bytes of a leaf. */
interface LongContent {
  readonly size: number;
  /**
   * Undefined where it isn't what it looked like: then nothing read so far counts. What it gives may be in memory that the next
   * call uses again: memory outside of the heap is given back late.
   */
  readonly read: (from: number, to: number) => Buffer | undefined;
}

/**
 * Bytes of a body from which on it pays. A text in which something is found late is looked through twice, which takes half as
 * long again.
 */
export const LONG = 4 * 1024 * 1024;
/** Bytes that show what a text is: `delimitedTable` looks at most. */
const HEAD = 72 * 1024;
const LOOKED_AT = 256 * 1024;
/** Bytes of a window of its own, and of the lines before and behind it: no rule looks further behind what it judges. */
const SIZES = { long: LONG, core: 256 * 1024, before: 24 * 1024, behind: 8 * 1024 };
/** With these begin records, addresses and fields of which `readLeaf` makes further readings. */
const READ_FURTHER = /ISA|MSH|FHS|OBX|contentType|valueBase64Binary|[Dd][Aa][Tt][Aa]:[\w;]/;
/** None of these is longer. */
const LONGEST_MARK = 32;
/** No line of a plain text is longer (`plainBytes`). */
const LONGEST_LINE = 1024;

/** Labels under which ASCII is nothing but itself. */
const LIKE_ASCII = /^(?:|usascii|ascii|utf8|iso88591|iso885915|latin1|windows1252)$/;

/**
 * The body of a leaf as a long text: plain text of nothing but printable ASCII, of which nothing could be read in
 * another way (`plainBytes`). Undefined for all others, which are for `readLeaf`.
 * @param encodings declared, in lower case
 * @param maxText bytes of text read, as of `readLeaf`
 */
export function longText(
  { mediaType, charsets, flowed }: Omit<LeafContent, 'bytes'>,
  body: Buffer,
  encodings: readonly string[],
  maxText: number,
  sizes = SIZES,
): LongText | undefined {
  if (body.length < sizes.long || maxText < LONG) return undefined;
  if (mediaType !== 'text/plain' || flowed !== undefined || charsets.length > 1) return undefined;
  if (!LIKE_ASCII.test(labelKey((charsets[0] ?? '').trim()))) return undefined;
  const content = contentOf(body, encodings);
  if (content === undefined || content.size < sizes.long || !isPlain(content)) return undefined;
  const size = Math.min(content.size, maxText);
  return {
    size: content.size,
    isCut: size < content.size,
    text: () => stretch(content, 0, size).toString('latin1'),
    windows: () => windows(content, size, sizes),
  };
}

function contentOf(body: Buffer, encodings: readonly string[]): LongContent | undefined {
  if (encodings.length > 1) return undefined;
  switch (encodings[0]) {
    case undefined:
    case '7bit':
    case '8bit':
    case 'binary':
      return { size: body.length, read: (from, to) => body.subarray(from, to) };
    case 'base64': {
      const lineEnd = body.indexOf(LF);
      const lines = lineEnd < 0 || lineEnd > LONGEST_LINE ? undefined : regularLines(body);
      if (lines === undefined) return undefined;
      const memory = Buffer.allocUnsafeSlow(2 * SIZES.core);
      return { size: lines.size, read: (from, to) => lines.read(from, to, memory) };
    }
    default:
      return undefined;
  }
}

function isPlain(content: LongContent): boolean {
  const head = content.read(0, Math.min(content.size, HEAD));
  if (head === undefined || !isTextByItsHead(head)) return false;
  const isPlainSoFar = plainBytes();
  for (let at = 0; at < content.size; at += LOOKED_AT) {
    const from = Math.max(0, at - LONGEST_MARK);
    const bytes = content.read(from, Math.min(content.size, at + LOOKED_AT));
    if (bytes === undefined || !isAscii(bytes) || !isPlainSoFar(bytes.subarray(at - from))) return false;
    if (READ_FURTHER.test(bytes.toString('latin1'))) return false;
  }
  return true;
}

/** As `readLeaf` tells it; of text in ASCII without control characters nothing more than this has a say in it. */
function isTextByItsHead(head: Buffer): boolean {
  const text = head.toString('latin1');
  // What CMS begins with is a digit of text too, and what UTF-7 does is text.
  return (
    !/^(?:0|\+\/v)/.test(text) &&
    sniff(head) === 'text' &&
    textKind(head) === TEXT &&
    !isTextPicture(head) &&
    !isDelimited(text) &&
    !LDIF.test(text)
  );
}

function* windows(
  content: LongContent,
  size: number,
  { core, before, behind }: typeof SIZES,
): Generator<TextWindow> {
  for (let start = 0; start < size; ) {
    const end = lineStartFrom(content, start + core, size);
    const from = lineStartFrom(content, start - before, size);
    const to = lineStartFrom(content, end + behind, size);
    yield { text: stretch(content, from, to).toString('latin1'), lead: from === 0 ? 0 : start - from };
    start = end;
  }
}

/** Where the first line begins behind a place, or the end. */
function lineStartFrom(content: LongContent, place: number, size: number): number {
  if (place <= 0 || place >= size) return Math.max(0, Math.min(place, size));
  const bytes = stretch(content, place, Math.min(size, place + 2 * LONGEST_LINE));
  const lineEnd = bytes.indexOf(LF);
  return lineEnd < 0 ? size : place + lineEnd + 1;
}

/** A stretch of what has been looked at. */
function stretch(content: LongContent, from: number, to: number): Buffer {
  const bytes = content.read(from, to);
  if (bytes?.length !== to - from) throw new Error('a content that was readable no longer is');
  return bytes;
}
