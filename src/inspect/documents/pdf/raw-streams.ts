import { createInflateRaw, inflateRawSync } from 'node:zlib';
import { type Budget, TooLarge } from '../types.js';
import { type Paint, paintFinder } from './paint.js';
import { shownStrings } from './shown-strings.js';

/** What a look at the bytes of a PDF finds, without believing its cross-reference table. */
export interface RawStreams {
  /** A compressed stream is damaged: a reader shows less than was meant to be there. */
  readonly damaged: boolean;
  /** XML within streams: metadata and forms, also of places that no reader shows. */
  readonly xml: readonly string[];
  /** Strings that programs show beside pages (`shownStrings`). */
  readonly strings: readonly string[];
  /** There is more of these than was taken. */
  readonly cut: boolean;
  /** Embedded files. */
  readonly embedded: readonly Buffer[];
  /** Undefined: not known, because the document is encrypted. */
  readonly paint: Paint | undefined;
}

/** Bytes of one stream unpacked in one go; of larger ones only the size is measured. */
const SMALL = 4 * 1024 * 1024;
const MAX_HEAD = 4096;
/** Programs write metadata for each picture. */
const MAX_XML = 10_000;
const MAX_XML_BYTES = 32 * 1024 * 1024;
const MAX_EMBEDDED = 1000;
/** Objects in a stream of their own (7.5.7). */
const OBJECTS = /\/ObjStm\b/;
const EMBEDDED = /\/EmbeddedFile\b/;
/** How files begin that no stream of a PDF is made of, but that programs hide in one, such as LibreOffice the source. */
const FILE = /^(?:PK\x03\x04|%PDF-|\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1|7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|\{\\rtf)/;
/** Filters over filters are unpacked this often. */
const MAX_LAYERS = 4;

/**
 * Looks at all streams of a PDF that isn't encrypted: measures them before any reader unpacks them, and finds damaged
 * ones, XML, strings and embedded files (ISO 32000-1 7.3.8, 7.4.4, 7.11.4).
 * @throws TooLarge
 */
export async function readRawStreams(bytes: Buffer, budget: Budget): Promise<RawStreams> {
  const xml: string[] = [];
  const embedded: Buffer[] = [];
  let damaged = false;
  let cut = false;
  let xmlRoom = MAX_XML_BYTES;
  const paint = paintFinder();
  paint.look(bytes);
  const outside = shownStrings(bytes);
  const strings = [...outside.texts];
  let stringsRoom = MAX_XML - strings.length;
  cut ||= outside.cut;
  // Looked for once: a file may have many beginnings and no end.
  let nextEnd = -1;
  for (let at = bytes.indexOf('stream'); at >= 0; at = bytes.indexOf('stream', at + 6)) {
    const start = dataStart(bytes, at + 6);
    if (start === undefined || !followsDictionary(bytes, at)) continue;
    const head = dictionaryBefore(bytes, at);
    const flate = /\/Filter\s*\[?\s*\/(?:FlateDecode|Fl)\b/.test(head);
    const plain = !/\/Filter\b/.test(head);
    let content: Buffer | undefined;
    if (flate || (!plain && looksLikeZlib(bytes, start))) {
      const unpacked = await unpack(bytes.subarray(start), budget, 1);
      if (unpacked === 'damaged') damaged ||= flate;
      // An attachment is read as a file.
      else if (unpacked === 'large-xml') cut ||= !EMBEDDED.test(head);
      else content = unpacked;
      // Objects are within streams too (7.5.7).
      if (content !== undefined) {
        paint.look(content);
        if (OBJECTS.test(head)) {
          const inside = shownStrings(content);
          stringsRoom -= inside.texts.length;
          if (stringsRoom >= 0) for (const text of inside.texts) strings.push(text);
          cut ||= inside.cut || stringsRoom < 0;
        }
      }
    } else if (plain) {
      if (nextEnd < start && nextEnd !== bytes.length) {
        const found = bytes.indexOf('endstream', start);
        nextEnd = found < 0 ? bytes.length : found;
      }
      content = bytes.subarray(start, beforeLineEnd(bytes, nextEnd));
    }
    if (content === undefined) continue;
    if (EMBEDDED.test(head) || FILE.test(content.toString('latin1', 0, 8))) {
      if (embedded.length >= MAX_EMBEDDED) throw new TooLarge('too many embedded files');
      if (plain) budget.takeUnpacked(content.length);
      embedded.push(Buffer.from(content));
    } else if (looksLikeXml(content)) {
      xmlRoom -= content.length;
      if (xml.length < MAX_XML && xmlRoom >= 0 && content.length <= SMALL) xml.push(content.toString('utf8'));
      else cut = true;
    }
  }
  return { damaged, xml, strings, cut, embedded, paint: paint.found() };
}

/** After the keyword comes CR LF or LF; some writers leave CR alone. */
function dataStart(bytes: Buffer, at: number): number | undefined {
  if (bytes[at] === 0x0d) return bytes[at + 1] === 0x0a ? at + 2 : at + 1;
  return bytes[at] === 0x0a ? at + 1 : undefined;
}

/** The line break before the end isn't content (7.3.8.1). */
function beforeLineEnd(bytes: Buffer, end: number): number {
  if (bytes[end - 1] !== 0x0a) return end;
  return bytes[end - 2] === 0x0d ? end - 2 : end - 1;
}

function followsDictionary(bytes: Buffer, at: number): boolean {
  let before = at - 1;
  while (before > at - 16 && /\s/.test(String.fromCharCode(bytes[before] ?? 0))) before -= 1;
  return bytes[before] === 0x3e && bytes[before - 1] === 0x3e;
}

function dictionaryBefore(bytes: Buffer, at: number): string {
  const text = bytes.toString('latin1', Math.max(0, at - MAX_HEAD), at);
  const begin = text.lastIndexOf(' obj');
  return text.slice(begin < 0 ? 0 : begin);
}

/** RFC 1950 2.2. */
function looksLikeZlib(bytes: Buffer, at: number): boolean {
  return ((bytes[at] ?? 0) & 0x0f) === 8 && (((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)) % 31 === 0;
}

function looksLikeXml(content: Buffer): boolean {
  return /^(?:\xef\xbb\xbf)?\s*<[?!a-z]/i.test(content.toString('latin1', 0, 64));
}

/** The unpacked bytes; undefined, or that they are XML, where they are too many to be kept. The checksum isn't looked at: nobody does. */
async function unpack(
  packed: Buffer,
  budget: Budget,
  layer: number,
): Promise<Buffer | 'damaged' | 'large-xml' | undefined> {
  const body = packed.subarray(2);
  let content: Buffer;
  try {
    content = inflateRawSync(body, { maxOutputLength: SMALL, finishFlush: 2 });
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    if (error.code !== 'ERR_BUFFER_TOO_LARGE') return 'damaged';
    return measure(body, budget);
  }
  budget.takeUnpacked(content.length);
  if (layer < MAX_LAYERS && content.length > 2 && looksLikeZlib(content, 0)) {
    const inner = await unpack(content, budget, layer + 1);
    return Buffer.isBuffer(inner) || inner === 'large-xml' ? inner : content;
  }
  return content;
}

/** Unpacks and forgets, within the budget. */
async function measure(body: Buffer, budget: Budget): Promise<'damaged' | 'large-xml' | undefined> {
  const inflate = createInflateRaw({ finishFlush: 2 });
  inflate.end(body);
  let isXml: boolean | undefined;
  try {
    for await (const chunk of inflate) {
      if (!Buffer.isBuffer(chunk)) continue;
      budget.takeUnpacked(chunk.length);
      isXml ??= looksLikeXml(chunk);
    }
    return isXml === true ? 'large-xml' : undefined;
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    return 'damaged';
  } finally {
    inflate.destroy();
  }
}
