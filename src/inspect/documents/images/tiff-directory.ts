import { TooLarge } from '../types.js';

/** A file in the form of TIFF 6.0; all reading stays within its bytes. */
export interface TiffSource {
  /** How many bytes of texts may still be taken from it: entries may point to the same ones again and again. */
  readonly room: { left: number };
  /** How many bytes of directories and of their numbers may still be looked at: these, too, may lie over each other. */
  readonly looks: { left: number };
  readonly bytes: Buffer;
  readonly littleEndian: boolean;
  readonly firstIfd: number;
}

export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  /** Whole numbers and fractions; empty for texts. */
  /** @throws TooLarge */
  numbers(): readonly number[];
  bytes(): Buffer;
}

export interface TiffDirectory {
  readonly entries: readonly TiffEntry[];
  /** All of its values are within the file, and of known types. */
  readonly whole: boolean;
  /** 0: the last one. */
  readonly next: number;
  /** Offset behind the directory and all its values. */
  readonly end: number;
}

/** Bytes of one value, by type (TIFF 6.0, section 2; the last one is text in UTF-8, Exif 3.0 4.6.2). */
const SIZES: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  129: 1,
};
/** Types of text. */
const WORDS: ReadonlySet<number> = new Set([2, 129]);
/** Of numbers; texts may be longer. */
const MAX_VALUES = 1_000_000;

/** Texts of a file are no longer than it, but for short ones that stand there for several entries. */
const SHORT_TEXTS = 65_536;
/** So often each byte of a file may be looked at as part of a directory or of a number: readers ask for some several times. */
const LOOKS = 4;

/** @returns undefined where the bytes aren't TIFF, or are BigTIFF */
export function tiffSource(bytes: Buffer): TiffSource | undefined {
  const order = bytes.toString('latin1', 0, 2);
  if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return undefined;
  const littleEndian = order === 'II';
  const read = reader(bytes, littleEndian);
  if (read.u16(2) !== 42) return undefined;
  const room = { left: bytes.length + SHORT_TEXTS };
  return { room, looks: { left: LOOKS * room.left }, bytes, littleEndian, firstIfd: read.u32(4) };
}

/**
 * One directory; undefined where there is none at that offset.
 * @throws TooLarge where directories lie over each other; so do the numbers of its entries
 */
export function readIfd(source: TiffSource, at: number): TiffDirectory | undefined {
  const { bytes, littleEndian } = source;
  const read = reader(bytes, littleEndian);
  if (at < 8 || at + 2 > bytes.length) return undefined;
  const count = read.u16(at);
  const nextAt = at + 2 + count * 12;
  if (count === 0 || nextAt > bytes.length) return undefined;
  lookAt(source, count * 12);
  let end = nextAt + 4;
  let whole = true;
  const entries: TiffEntry[] = [];
  for (let index = 0; index < count; index++) {
    const entryAt = at + 2 + index * 12;
    const type = read.u16(entryAt + 2);
    const size = SIZES[type];
    const values = read.u32(entryAt + 4);
    if (size === undefined || (size > 1 && values > MAX_VALUES)) {
      whole = false;
      continue;
    }
    const length = size * values;
    const valueAt = length <= 4 ? entryAt + 8 : read.u32(entryAt + 8);
    if (valueAt + length > bytes.length) {
      whole = false;
      // Of words, some programs show what there is of them.
      if (WORDS.has(type) && valueAt < bytes.length)
        entries.push({
          tag: read.u16(entryAt),
          type,
          bytes: () => untilZero(bytes, valueAt),
          numbers: () => [],
        });
      continue;
    }
    end = Math.max(end, valueAt + length);
    entries.push({
      tag: read.u16(entryAt),
      type,
      bytes: () => bytes.subarray(valueAt, valueAt + length),
      numbers: () => {
        const several = Math.min(values, MAX_VALUES);
        lookAt(source, several * size);
        return Array.from({ length: several }, (_, number) => read.value(type, valueAt + number * size));
      },
    });
  }
  return { entries, whole, next: nextAt + 4 <= bytes.length ? read.u32(nextAt) : 0, end };
}

function untilZero(bytes: Buffer, from: number): Buffer {
  const end = bytes.indexOf(0, from);
  return bytes.subarray(from, end < 0 ? bytes.length : end);
}

function lookAt({ looks }: TiffSource, bytes: number): void {
  looks.left -= bytes;
  if (looks.left < 0) throw new TooLarge('the directories of a picture are longer than it');
}

function reader(bytes: Buffer, littleEndian: boolean) {
  const u16 = (at: number): number => (littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number): number => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const value = (type: number, at: number): number => {
    if (type === 3 || type === 8) return u16(at);
    if (type === 4 || type === 9 || type === 13) return u32(at);
    if (type === 5 || type === 10) return u32(at) / (u32(at + 4) || 1);
    return type === 1 || type === 6 || type === 7 ? (bytes[at] ?? 0) : Number.NaN;
  };
  return { u16, u32, value };
}
