import { CorruptDocument } from '../findings.js';

/** What the file information block at the beginning of a Word document says ([MS-DOC] 2.5). */
export interface FileInformation {
  readonly encrypted: boolean;
  /** Word 97 or later; earlier ones keep their text in 8 bits, and its formatting elsewhere. */
  readonly is97: boolean;
  readonly usesTable1: boolean;
  readonly isComplex: boolean;
  readonly textStart: number;
  readonly textEnd: number;
  /** Characters of the main text, notes, headers, macros, comments, endnotes, text boxes and those of headers. */
  readonly counts: readonly number[];
  readonly pieceTable: Place;
  readonly characterFormats: Place;
  readonly paragraphFormats: Place;
}

/** Where something is in the table stream. */
export interface Place {
  readonly at: number;
  readonly length: number;
}

const WORD_97 = 0xa5ec;
const OLDER = [0xa5dc, 0xa59b, 0xa59c, 0xa5db];
/** Word 97's own number is 193; some of its builds write another (2.5.1). */
const FIRST_97 = 106;

/** @throws CorruptDocument */
export function readFileInformation(stream: Buffer): FileInformation {
  if (stream.length < 0x60) throw new CorruptDocument('no file information block');
  const magic = stream.readUInt16LE(0);
  const version = stream.readUInt16LE(2);
  if (magic !== WORD_97 && !OLDER.includes(magic)) throw new CorruptDocument('not a Word document');
  const flags = stream.readUInt16LE(0x0a);
  const is97 = magic === WORD_97;
  if (is97 !== version >= FIRST_97) throw new CorruptDocument('two versions of Word are named');
  if (is97 && stream.length < 0x1aa) throw new CorruptDocument('no file information block');
  if (!is97 && stream.length < 0x168) throw new CorruptDocument('no file information block');
  const place = (at: number): Place => ({ at: stream.readUInt32LE(at), length: stream.readUInt32LE(at + 4) });
  // 0x4c and on in Word 97; in 6 and 95 there are 0x34 and on, without a field between.
  const first = is97 ? 0x4c : 0x34;
  return {
    encrypted: (flags & 0x0100) !== 0,
    is97,
    usesTable1: (flags & 0x0200) !== 0,
    isComplex: (flags & 0x0004) !== 0,
    textStart: stream.readUInt32LE(0x18),
    textEnd: stream.readUInt32LE(0x1c),
    counts: Array.from({ length: 8 }, (_, index) => stream.readUInt32LE(first + index * 4)),
    pieceTable: place(is97 ? 0x1a2 : 0x160),
    characterFormats: place(is97 ? 0xfa : 0xb8),
    paragraphFormats: place(is97 ? 0x102 : 0xc0),
  };
}
