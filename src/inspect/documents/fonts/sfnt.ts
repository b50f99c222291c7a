import { byteReader } from '../office/byte-reader.js';
import { printableRuns } from '../office/compound/printable.js';
import { CorruptDocument, documentReader } from '../office/findings.js';
import { fontNames } from './font-names.js';

/** Tables of numbers and outlines, and those in which only programs write (OpenType 1.9.1, "Font tables"). */
const NO_WORDS: ReadonlySet<string> = new Set([
  ...'avar BASE CFF2 cmap cvar DSIG EBDT EBLC EBSC FFTM fpgm fvar gasp GDEF glyf GPOS GSUB gvar hdmx head hhea'.split(
    ' ',
  ),
  ...'hmtx HVAR JSTF kern loca LTSH MATH maxp MERG MVAR OS/2 PCLT post prep STAT VDMX vhea vmtx VORG VVAR'.split(
    ' ',
  ),
  'CFF ',
  'cvt ',
]);
const MAX_TABLES = 256;
/** What may lie between two tables to align them. */
const MAX_GAP = 3;

/**
 * A TrueType or OpenType font: its names, and the words in what it says of itself. One with tables that aren't known,
 * among them pictures, or with bytes that belong to none, isn't read in full.
 */
export const readSfnt = documentReader((input, found) => {
  const { bytes } = input;
  const reader = byteReader(bytes, 4);
  const count = reader.bytes(2).readUInt16BE(0);
  if (count === 0 || count > MAX_TABLES) throw new CorruptDocument('not a font');
  reader.skip(6);
  const tables = Array.from({ length: count }, () => {
    const name = reader.bytes(4).toString('latin1');
    reader.skip(4);
    return { name, from: readBig(reader.bytes(4)), length: readBig(reader.bytes(4)) };
  });
  let end = reader.at;
  for (const { name, from, length } of tables.toSorted((a, b) => a.from - b.from)) {
    if (from < end || from + length > bytes.length)
      throw new CorruptDocument('tables overlap or are cut short');
    if (from - end > MAX_GAP) addUnknown(bytes.subarray(end, from));
    const data = bytes.subarray(from, from + length);
    if (name === 'name') found.text('metadata', fontNames(data).join('\n'));
    else if (!NO_WORDS.has(name)) addUnknown(data);
    end = from + length;
  }
  if (bytes.length - end > MAX_GAP) addUnknown(bytes.subarray(end));

  function addUnknown(data: Buffer): void {
    found.text('strings', printableRuns(data));
    if (data.some((byte) => byte !== 0)) found.fail('unsupported');
  }
});

function readBig(bytes: Buffer): number {
  return bytes.readUInt32BE(0);
}
