import { CorruptArchive } from '../listing.js';

export const BLOCK = 512;

/** One header block of a tar file (POSIX.1-2001 `ustar`, and GNU's variant of it). */
export interface TarHeader {
  readonly name: Buffer;
  readonly prefix: Buffer;
  readonly linkName: Buffer;
  /** Names of the file's owner and group. */
  readonly owners: readonly Buffer[];
  /** The type flag as a character; `'\0'` is the old mark of a file. */
  readonly type: string;
  readonly size: number;
  /** The whole block; GNU keeps its sparse map in it. */
  readonly block: Buffer;
}

/**
 * Reads the header at `at`; undefined where the block is no header by its checksum.
 * @throws CorruptArchive where it is one with a size that can't be
 */
export function readTarHeader(bytes: Buffer, at: number): TarHeader | undefined {
  if (at + BLOCK > bytes.length) return undefined;
  const block = bytes.subarray(at, at + BLOCK);
  if (!checksumFits(block)) return undefined;
  // GNU uses the place of the prefix for other things, and says so with its own magic (`ustar`, two blanks).
  const posix = block.toString('latin1', 257, 263) === 'ustar\0';
  return {
    name: cString(block.subarray(0, 100)),
    prefix: posix ? cString(block.subarray(345, 500)) : Buffer.alloc(0),
    linkName: cString(block.subarray(157, 257)),
    owners: isUstar(block) ? [cString(block.subarray(265, 297)), cString(block.subarray(297, 329))] : [],
    type: block.toString('latin1', 156, 157),
    size: tarNumber(block.subarray(124, 136)),
    block,
  };
}

/** POSIX and GNU; older programs leave the rest of the block empty. */
function isUstar(block: Buffer): boolean {
  return block.toString('latin1', 257, 262) === 'ustar';
}

/** Bytes of content with their padding. */
export function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

/** A number as tar writes it: octal digits, or base 256 where the first bit is set (GNU, star). @throws CorruptArchive */
export function tarNumber(field: Buffer): number {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    let value = first & 0x7f;
    for (const byte of field.subarray(1)) value = value * 256 + byte;
    if (!Number.isSafeInteger(value) || first === 0xff)
      throw new CorruptArchive('a size in a tar header is impossible');
    return value;
  }
  const text = field
    .toString('latin1')
    .replace(/\0[\s\S]*$/, '')
    .trim();
  if (text === '') return 0;
  if (!/^[0-7]+$/.test(text)) throw new CorruptArchive('a size in a tar header is no number');
  return Number.parseInt(text, 8);
}

export function cString(field: Buffer): Buffer {
  const end = field.indexOf(0);
  return end < 0 ? field : field.subarray(0, end);
}

/** The checksum counts its own field as blanks; some old programs added the bytes up as signed. */
function checksumFits(block: Buffer): boolean {
  const text = block
    .toString('latin1', 148, 156)
    .replace(/\0[\s\S]*$/, '')
    .trim();
  if (!/^[0-7]+$/.test(text)) return false;
  let unsigned = 8 * 0x20;
  let signed = 8 * 0x20;
  for (const [index, byte] of block.entries()) {
    if (index >= 148 && index < 156) continue;
    unsigned += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stored = Number.parseInt(text, 8);
  return stored === unsigned || stored === signed;
}
