import { byteReader } from '../byte-reader.js';
import { printableRuns } from '../compound/printable.js';
import { CorruptDocument, documentReader } from '../findings.js';

const MARK = 'VCLMTF';
/** Actions of a metafile of StarView, as LibreOffice and OpenOffice number them. */
const TEXT = 112;
const TEXT_ARRAY = 113;
const STRETCHED_TEXT = 114;
const TEXT_IN_RECTANGLE = 115;
const COMMENT = 512;
/** Bytes before the words: a point, a point, a point, a rectangle. */
const BEFORE: ReadonlyMap<number, number> = new Map([
  [TEXT, 8],
  [TEXT_ARRAY, 8],
  [STRETCHED_TEXT, 8],
  [TEXT_IN_RECTANGLE, 16],
]);
/** Bitmaps, wallpapers, PostScript, and drawings within the drawing. */
const PICTURES: ReadonlySet<number> = new Set([116, 117, 118, 119, 120, 121, 122, 123, 124, 127, 143, 147]);
/** Comments mark fields and gradients; longer ones carry drawings in other formats. */
const LONGEST_COMMENT = 1024;

/** How an object looks in OpenDocument: its words. One with pictures isn't read in full. */
export const readSvm = documentReader((input, found) => {
  const { bytes } = input;
  const reader = byteReader(bytes, MARK.length);
  reader.skip(2);
  const header = reader.bytes(reader.u32());
  if (header.length < 4) throw new CorruptDocument('no number of actions');
  const count = header.readUInt32LE(header.length - 4);
  const lines: string[] = [];
  for (let index = 0; index < count; index++) {
    const type = reader.u16();
    const version = reader.u16();
    const data = reader.bytes(reader.u32());
    const before = BEFORE.get(type);
    if (before !== undefined) lines.push(words(data, before, version));
    else if (type === COMMENT) {
      lines.push(printableRuns(data));
      if (data.length > LONGEST_COMMENT) found.fail('unsupported');
    } else if (PICTURES.has(type)) found.fail('unsupported');
  }
  if (reader.left > 0) found.fail('corrupt');
  found.text('text', lines.join('\n'));
});

/** Words in one byte a character and, in newer versions, the same in UTF-16 behind all else. */
function words(data: Buffer, at: number, version: number): string {
  const reader = byteReader(data, at);
  const narrow = reader.bytes(reader.u16());
  if (version < 2) return narrow.toString('latin1');
  for (let from = reader.at; from + 2 <= data.length; from++) {
    const end = from + 2 + 2 * data.readUInt16LE(from);
    if (data.readUInt16LE(from) >= narrow.length && end <= data.length && end >= data.length - 4)
      return data.toString('utf16le', from + 2, end);
  }
  return narrow.toString('latin1');
}
