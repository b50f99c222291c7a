import { CorruptDocument } from '../findings.js';
import type { FileInformation } from './file-information.js';

/** A run of characters as they are stored. */
export interface Piece {
  /** In the WordDocument stream. */
  readonly at: number;
  readonly characters: number;
  readonly wide: boolean;
}

const MAX_PIECES = 1_000_000;

/** The stream without the characters of the document: what earlier versions left in it, and data of programs. */
export function beyondPieces(document: Buffer, pieces: readonly Piece[]): Buffer {
  const rest = Buffer.from(document);
  let done = 0;
  for (const { at, characters, wide } of pieces.toSorted((a, b) => a.at - b.at)) {
    const end = Math.min(rest.length, at + characters * (wide ? 2 : 1));
    // They may overlap.
    const start = Math.max(at, done);
    if (end > start) rest.fill(0, start, end);
    done = Math.max(done, end);
  }
  return rest;
}

/**
 * Where the characters of a document are, in order ([MS-DOC] 2.4.1, 2.8.35).
 * @throws CorruptDocument
 */
export function readPieces(info: FileInformation, document: Buffer, table: Buffer): readonly Piece[] {
  const { at, length } = info.pieceTable;
  if (!info.is97 && (!info.isComplex || length === 0)) {
    return [{ at: info.textStart, characters: Math.max(0, info.textEnd - info.textStart), wide: false }];
  }
  const clx = (info.is97 ? table : document).subarray(at, at + length);
  if (clx.length < length || length === 0) throw new CorruptDocument('no piece table');
  return piecesOf(pieceTable(clx), info.is97);
}

/** Properties come first, each marked 1; the table is marked 2 (2.9.38). */
function pieceTable(clx: Buffer): Buffer {
  let at = 0;
  while (at + 5 <= clx.length) {
    const mark = clx[at];
    if (mark === 1) at += 3 + clx.readUInt16LE(at + 1);
    else if (mark === 2) {
      const length = clx.readUInt32LE(at + 1);
      if (at + 5 + length > clx.length) throw new CorruptDocument('the piece table is cut short');
      return clx.subarray(at + 5, at + 5 + length);
    } else break;
  }
  throw new CorruptDocument('no piece table');
}

function piecesOf(table: Buffer, is97: boolean): readonly Piece[] {
  const count = Math.floor((table.length - 4) / 12);
  if (count < 0 || count > MAX_PIECES) throw new CorruptDocument('the piece table is damaged');
  const pieces: Piece[] = [];
  for (let index = 0; index < count; index++) {
    const characters = table.readUInt32LE(index * 4 + 4) - table.readUInt32LE(index * 4);
    const place = table.readUInt32LE((count + 1) * 4 + index * 8 + 2);
    if (characters < 0) throw new CorruptDocument('the piece table is damaged');
    const narrow = !is97 || (place & 0x40000000) !== 0;
    const at = is97 ? place & 0x3fffffff : place;
    pieces.push({ at: is97 && narrow ? at >>> 1 : at, characters, wide: !narrow });
  }
  return pieces;
}
