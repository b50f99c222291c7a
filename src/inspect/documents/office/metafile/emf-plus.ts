import { byteReader } from '../byte-reader.js';
import type { Drawing } from './drawing.js';

/** Records of [MS-EMFPLUS] 2.1.1.1 by number. */
const OBJECT = 0x4008;
const DRAW_STRING = 0x401c;
const DRIVER_STRING = 0x4036;
const CURVES: ReadonlySet<number> = new Set([
  0x400e, 0x400f, 0x4010, 0x4011, 0x4012, 0x4014, 0x4015, 0x4016, 0x4017, 0x4018, 0x4019,
]);
const IMAGE = 5;
const BITMAP = 1;
/** Letters by their characters and not by their place in a font. */
const BY_CHARACTER = 1;
const FILE_SIGNATURE = /^(?:\x89PNG|\xff\xd8\xff|GIF8|BM|II\*|MM\x00)/;

/** Reads the newer records that stand in comments. @throws CorruptDocument, TooLarge */
export function readEmfPlus(records: Buffer, drawing: Drawing): void {
  for (let at = 0; at + 12 <= records.length; ) {
    const type = records.readUInt16LE(at);
    const flags = records.readUInt16LE(at + 2);
    const size = records.readUInt32LE(at + 4);
    const data = records.subarray(at + 12, Math.min(records.length, at + 12 + records.readUInt32LE(at + 8)));
    if (type === DRAW_STRING) readString(data, drawing);
    else if (type === DRIVER_STRING) readDriverString(data, drawing);
    else if (type === OBJECT && ((flags >> 8) & 0x7f) === IMAGE)
      readImage(data, (flags & 0x8000) !== 0, drawing);
    else if (CURVES.has(type)) drawing.curve();
    if (size < 12) return;
    at += size;
  }
}

/** 2.3.4.14. */
function readString(data: Buffer, drawing: Drawing): void {
  const reader = byteReader(data, 8);
  const length = reader.u32();
  const [x, y] = [reader.u32(), reader.u32()];
  reader.skip(8);
  drawing.words(reader.bytes(length * 2).toString('utf16le'), x, y);
}

/** 2.3.4.6. */
function readDriverString(data: Buffer, drawing: Drawing): void {
  const reader = byteReader(data, 4);
  const options = reader.u32();
  reader.u32();
  const length = reader.u32();
  if ((options & BY_CHARACTER) === 0) drawing.unread();
  else drawing.words(reader.bytes(length * 2).toString('utf16le'), 0, 0);
}

/** A picture that is there as a file of its own; any other isn't read (2.2.1.4, 2.2.2.2). */
function readImage(data: Buffer, continues: boolean, drawing: Drawing): void {
  const isBitmap = data.length >= 28 && data.readUInt32LE(4) === BITMAP;
  const bytes = data.subarray(28);
  if (continues || !isBitmap || !FILE_SIGNATURE.test(bytes.toString('latin1', 0, 8))) drawing.unread();
  else drawing.picture(bytes, 'picture');
}
