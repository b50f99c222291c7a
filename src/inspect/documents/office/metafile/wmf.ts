import { byteReader } from '../byte-reader.js';
import { decodePage } from '../code-page.js';
import { CorruptDocument, documentReader } from '../findings.js';
import { pageOfCharset } from '../rtf/character-sets.js';
import { createDrawing, type Drawing } from './drawing.js';

const PLACEABLE = 0x9ac6cdd7;
/** Records of [MS-WMF] 2.1.1.1 by number. */
const LINE_TO = 0x0213;
const FONT = 0x02fb;
const TEXT = 0x0521;
const LONG_TEXT = 0x0a32;
const ESCAPE = 0x0626;
/** Bytes before the bitmap in records that have one, behind the record's head. */
const BITMAPS: ReadonlyMap<number, number> = new Map([
  [0x0940, 16],
  [0x0b41, 20],
  [0x0f43, 22],
  [0x0d33, 18],
]);
const CURVES: ReadonlySet<number> = new Set([0x0418, 0x061c, 0x0817, 0x081a, 0x0830]);
const POLYGON: ReadonlySet<number> = new Set([0x0324, 0x0325]);
const POLY_POLYGON = 0x0538;
const COMMENT = 0x000f;
const ENHANCED = 0x43464d57;
const MAX_POINTS = 100_000;

/** Metafiles of Windows ([MS-WMF]): their words, the bitmaps in them, and the enhanced metafile that may be within. */
export const readWmf = documentReader((input, found) => {
  const { bytes } = input;
  const drawing = createDrawing(found);
  const enhanced: Buffer[] = [];
  let page = 1252;
  try {
    const start = bytes.length >= 4 && bytes.readUInt32LE(0) === PLACEABLE ? 22 : 0;
    let at = start + 18;
    let type = -1;
    while (type !== 0) {
      if (at + 6 > bytes.length) throw new CorruptDocument('a metafile without end');
      const size = bytes.readUInt32LE(at) * 2;
      type = bytes.readUInt16LE(at + 4);
      if (size < 6 || at + size > bytes.length) throw new CorruptDocument('a record is cut short');
      const data = bytes.subarray(at + 6, at + size);
      if (type === FONT) page = pageOfCharset(data[13] ?? 0) ?? 1252;
      else if (type === ESCAPE) enhanced.push(...enhancedPart(data));
      else readRecord(type, data, page, drawing);
      at += size;
    }
    if (enhanced.length > 0) drawing.picture(Buffer.concat(enhanced), 'picture.emf');
  } finally {
    drawing.end();
  }
});

function readRecord(type: number, data: Buffer, page: number, drawing: Drawing): void {
  if (type === TEXT || type === LONG_TEXT) readText(type, data, page, drawing);
  else if (CURVES.has(type)) drawing.curve();
  else if (POLYGON.has(type)) drawing.lines(points(data, 2));
  else if (type === POLY_POLYGON) drawing.lines(points(data, 2 + 2 * byteReader(data).u16()));
  // From wherever the pen is: it may slant.
  else if (type === LINE_TO)
    drawing.lines([
      [0, 0],
      [1, 1],
    ]);
  else {
    const before = BITMAPS.get(type);
    if (before !== undefined && data.length > before + 4) readBitmap(data.subarray(before), drawing);
  }
}

function points(data: Buffer, start: number): readonly (readonly [number, number])[] {
  const list: [number, number][] = [];
  for (let at = start; at + 4 <= data.length && list.length < MAX_POINTS; at += 4) {
    list.push([data.readInt16LE(at), data.readInt16LE(at + 2)]);
  }
  return list;
}

/** 2.3.3.20 and 2.3.3.5. */
function readText(type: number, data: Buffer, page: number, drawing: Drawing): void {
  const reader = byteReader(data);
  if (type === TEXT) {
    const length = reader.u16();
    const text = reader.bytes(length);
    reader.skip(Math.min(reader.left, length % 2));
    const y = reader.left >= 2 ? reader.u16() : 0;
    drawing.words(decodePage(text, page), 0, y);
    return;
  }
  const [y, x, length, options] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  if ((options & 0x10) !== 0 && length > 0) {
    drawing.unread();
    return;
  }
  if ((options & 6) !== 0) reader.skip(8);
  drawing.words(decodePage(reader.bytes(length), page), x, y);
}

/** Header, colours and bits in one piece (2.2.2.9). */
function readBitmap(dib: Buffer, drawing: Drawing): void {
  drawing.bitmap(dib, Buffer.alloc(0));
}

/** 2.3.6.4 with a piece of an enhanced metafile (2.3.6.1 META_ESCAPE_ENHANCED_METAFILE). */
function enhancedPart(data: Buffer): readonly Buffer[] {
  if (data.length < 38 || data.readUInt16LE(0) !== COMMENT || data.readUInt32LE(4) !== ENHANCED) return [];
  const size = data.readUInt32LE(26);
  return [data.subarray(38, 38 + size)];
}
