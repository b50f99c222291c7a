import { CorruptDocument } from '../findings.js';

/** Reads across the pieces of a record. Every method throws CorruptDocument beyond the end. */
export interface PieceReader {
  readonly done: boolean;
  u8(): number;
  u16(): number;
  u32(): number;
  skip(length: number): void;
  /**
   * Characters of a string that may go on in the next piece, where a new byte of options says whether they are then of
   * one or two bytes ([MS-XLS] 2.5.293).
   */
  characters(count: number, wide: boolean): string;
  bytes(length: number): Buffer;
}

export function pieceReader(pieces: readonly Buffer[]): PieceReader {
  let index = 0;
  let at = 0;
  const settle = () => {
    while (index < pieces.length && at >= (pieces[index]?.length ?? 0)) {
      index += 1;
      at = 0;
    }
  };
  const byte = (): number => {
    settle();
    const value = pieces[index]?.[at];
    if (value === undefined) throw new CorruptDocument('a record is too short');
    at += 1;
    return value;
  };
  const u16 = () => byte() + byte() * 0x100;
  return {
    get done() {
      settle();
      return index >= pieces.length;
    },
    u8: byte,
    u16,
    u32: () => u16() + u16() * 0x10000,
    skip(length) {
      let left = length;
      while (left > 0) {
        settle();
        const piece = pieces[index];
        if (piece === undefined) throw new CorruptDocument('a record is too short');
        const step = Math.min(left, piece.length - at);
        at += step;
        left -= step;
      }
    },
    bytes(length) {
      const taken: Buffer[] = [];
      let left = length;
      while (left > 0) {
        settle();
        const piece = pieces[index];
        if (piece === undefined) throw new CorruptDocument('a record is too short');
        const part = piece.subarray(at, at + left);
        taken.push(part);
        at += part.length;
        left -= part.length;
      }
      return Buffer.concat(taken);
    },
    characters(count, wideAtFirst) {
      let wide = wideAtFirst;
      let left = count;
      let text = '';
      while (left > 0) {
        const before = index;
        settle();
        const piece = pieces[index];
        if (piece === undefined) throw new CorruptDocument('a string is too short');
        if (index !== before) {
          wide = ((piece[0] ?? 0) & 1) !== 0;
          at = 1;
        }
        const size = wide ? 2 : 1;
        const here = Math.min(left, Math.floor((piece.length - at) / size));
        if (here === 0) {
          // Half a character, or a piece with nothing but its options.
          at = piece.length;
          if (index + 1 >= pieces.length) throw new CorruptDocument('a string is too short');
          continue;
        }
        text += piece.toString(wide ? 'utf16le' : 'latin1', at, at + here * size);
        at += here * size;
        left -= here;
      }
      return text;
    },
  };
}

export interface RichString {
  readonly text: string;
  /** From which character on which font counts, two bytes each. */
  readonly runs: Buffer;
  /** How it is pronounced, and what else is kept with it. */
  readonly extra: Buffer;
}

/** A string with its length in two bytes, and formatting behind it (2.5.293 XLUnicodeRichExtendedString). */
export function richString(reader: PieceReader): RichString {
  const count = reader.u16();
  const options = reader.u8();
  const fonts = (options & 8) !== 0 ? reader.u16() : 0;
  const extra = (options & 4) !== 0 ? reader.u32() : 0;
  const text = reader.characters(count, (options & 1) !== 0);
  return { text, runs: reader.bytes(fonts * 4), extra: reader.bytes(extra) };
}

/** A string whose length stands before its options (2.5.294 XLUnicodeString; ShortXLUnicodeString with one byte). */
export function plainString(reader: PieceReader, lengthBytes: 1 | 2): string {
  const count = lengthBytes === 1 ? reader.u8() : reader.u16();
  if (count === 0 && reader.done) return '';
  return reader.characters(count, (reader.u8() & 1) !== 0);
}
