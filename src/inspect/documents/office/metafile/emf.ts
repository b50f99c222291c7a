import { byteReader } from '../byte-reader.js';
import { CorruptDocument, documentReader } from '../findings.js';
import { createDrawing, type Drawing } from './drawing.js';
import { readEmfPlus } from './emf-plus.js';

/** Records of [MS-EMF] 2.1.1 by number. */
const HEADER = 1;
const EOF = 14;
const LINE_TO = 54;
const COMMENT = 70;
const TEXT_A = 83;
const TEXT_W = 84;
const POLY_TEXT_A = 96;
const POLY_TEXT_W = 97;
const SMALL_TEXT = 108;
/** Where offset and size of a bitmap's header and bits stand in records that have one (2.3.1). */
const BITMAPS: ReadonlyMap<number, number> = new Map([
  [76, 84],
  [77, 84],
  [78, 84],
  [79, 96],
  [80, 48],
  [81, 48],
  [114, 84],
  [116, 84],
]);
const CURVES: ReadonlySet<number> = new Set([2, 5, 42, 44, 45, 46, 47, 55, 56, 85, 88, 92]);
/** Lists of points of 32 bits, and of 16 (2.3.5). */
const POINTS: ReadonlySet<number> = new Set([3, 4, 6]);
const POINTS_16: ReadonlySet<number> = new Set([86, 87, 89]);
const POLY: ReadonlySet<number> = new Set([7, 8]);
const POLY_16: ReadonlySet<number> = new Set([90, 91]);
const GLYPHS = 0x10;
const NO_RECTANGLE = 0x100;
const NARROW = 0x200;
const EMF_PLUS = 0x2b464d45;
const MAX_POINTS = 100_000;

/** Enhanced metafiles ([MS-EMF], [MS-EMFPLUS]): their words, and the bitmaps in them. */
export const readEmf = documentReader((input, found) => {
  const { bytes } = input;
  const drawing = createDrawing(found);
  try {
    let at = 0;
    let type = 0;
    while (type !== EOF) {
      if (at + 8 > bytes.length) throw new CorruptDocument('a metafile without end');
      type = bytes.readUInt32LE(at);
      const size = bytes.readUInt32LE(at + 4);
      if (size < 8 || at + size > bytes.length) throw new CorruptDocument('a record is cut short');
      readRecord(type, bytes.subarray(at, at + size), drawing);
      at += size;
    }
  } finally {
    drawing.end();
  }
});

function readRecord(type: number, record: Buffer, drawing: Drawing): void {
  if (type === TEXT_A || type === TEXT_W) readText(record, 36, type === TEXT_W, drawing);
  else if (type === POLY_TEXT_A || type === POLY_TEXT_W) {
    const count = byteReader(record, 36).u32();
    if (count * 40 > record.length) throw new CorruptDocument('a record is cut short');
    for (let index = 0; index < count; index++)
      readText(record, 40 + index * 40, type === POLY_TEXT_W, drawing);
  } else if (type === SMALL_TEXT) readSmallText(record, drawing);
  else if (type === COMMENT) readComment(record, drawing);
  else if (CURVES.has(type)) drawing.curve();
  else if (POINTS.has(type)) drawing.lines(points(record, 28, count(record, 24), 4));
  else if (POINTS_16.has(type)) drawing.lines(points(record, 28, count(record, 24), 2));
  else if (POLY.has(type)) drawing.lines(points(record, 32 + 4 * count(record, 24), count(record, 28), 4));
  else if (POLY_16.has(type)) drawing.lines(points(record, 32 + 4 * count(record, 24), count(record, 28), 2));
  // From wherever the pen is: it may slant.
  else if (type === LINE_TO)
    drawing.lines([
      [0, 0],
      [1, 1],
    ]);
  else if (type === HEADER) readHeader(record, drawing);
  else {
    const place = BITMAPS.get(type);
    if (place !== undefined) readBitmap(record, place, drawing);
  }
}

function count(record: Buffer, at: number): number {
  return Math.min(MAX_POINTS, byteReader(record, at).u32());
}

function points(
  record: Buffer,
  start: number,
  many: number,
  size: 2 | 4,
): readonly (readonly [number, number])[] {
  const list: [number, number][] = [];
  for (let at = start; list.length < many && at + size * 2 <= record.length; at += size * 2) {
    list.push([record.readIntLE(at, size), record.readIntLE(at + size, size)]);
  }
  return list;
}

/** What the file is called (2.2.9). */
function readHeader(record: Buffer, drawing: Drawing): void {
  if (record.length < 68) return;
  const length = record.readUInt32LE(60);
  const at = record.readUInt32LE(64);
  if (length > 0 && at + length * 2 <= record.length)
    drawing.words(record.toString('utf16le', at, at + length * 2).replaceAll('\0', ' '), 0, -1);
}

/** An EmrText object (2.2.5). */
function readText(record: Buffer, start: number, wide: boolean, drawing: Drawing): void {
  const reader = byteReader(record, start);
  const [x, y, length, at, options] = [reader.i32(), reader.i32(), reader.u32(), reader.u32(), reader.u32()];
  if (length === 0) return;
  if ((options & GLYPHS) !== 0) drawing.unread();
  else drawing.words(textAt(record, at, length, wide), x, y);
}

function readSmallText(record: Buffer, drawing: Drawing): void {
  const reader = byteReader(record, 8);
  const [x, y, length, options] = [reader.i32(), reader.i32(), reader.u32(), reader.u32()];
  reader.skip(12 + ((options & NO_RECTANGLE) === 0 ? 16 : 0));
  if ((options & GLYPHS) !== 0) drawing.unread();
  else drawing.words(textAt(record, reader.at, length, (options & NARROW) === 0), x, y);
}

function textAt(record: Buffer, at: number, length: number, wide: boolean): string {
  const end = at + length * (wide ? 2 : 1);
  if (end > record.length) throw new CorruptDocument('a text is cut short');
  return record.toString(wide ? 'utf16le' : 'latin1', at, end);
}

function readComment(record: Buffer, drawing: Drawing): void {
  const size = record.length >= 16 ? record.readUInt32LE(8) : 0;
  if (size >= 4 && record.readUInt32LE(12) === EMF_PLUS) readEmfPlus(record.subarray(16, 12 + size), drawing);
}

function readBitmap(record: Buffer, place: number, drawing: Drawing): void {
  if (record.length < place + 16) return;
  const reader = byteReader(record, place);
  const [headerAt, headerSize, bitsAt, bitsSize] = [reader.u32(), reader.u32(), reader.u32(), reader.u32()];
  if (headerSize === 0 || bitsSize === 0) return;
  if (headerAt + headerSize > record.length || bitsAt + bitsSize > record.length)
    throw new CorruptDocument('a bitmap is cut short');
  drawing.bitmap(
    record.subarray(headerAt, headerAt + headerSize),
    record.subarray(bitsAt, bitsAt + bitsSize),
  );
}
