import { readUInt64LE } from '../bytes.js';
import { extraField } from './extra-fields.js';

/** One entry as the central directory describes it (PKWARE APPNOTE 4.3.12). */
export interface CentralEntry {
  readonly name: Buffer;
  readonly comment: Buffer;
  readonly extra: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  /** Where its local header is, in the bytes at hand. */
  readonly localAt: number;
  /** Unix mode, where it was made on Unix; otherwise 0. */
  readonly mode: number;
}

/** One end record with the directory it points to. */
export interface ZipDirectory {
  readonly entries: readonly CentralEntry[];
  readonly comment: Buffer;
  /** The directory up to the end of the comment; between the two may be gaps. */
  readonly ranges: readonly { readonly start: number; readonly end: number }[];
  /** The end record says another number of entries than there are: some programs go by the one, some by the other. */
  readonly countDiffers: boolean;
  /** The directory ends within an entry. */
  readonly broken: boolean;
  /** It is one of several disks. */
  readonly split: boolean;
  /** The ZIP64 record and the plain one disagree. */
  readonly zip64Differs: boolean;
}

export const END_SIGNATURE = Buffer.from('PK\x05\x06', 'latin1');
const END_SIZE = 22;
const CENTRAL = 0x02014b50;
const CENTRAL_SIZE = 46;
const MADE_ON_UNIX = 3;

interface EndRecord {
  readonly at: number;
  readonly end: number;
  readonly disk: number;
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  readonly comment: Buffer;
  /** Where the directory must end. */
  readonly directoryEnd: number;
  readonly zip64Differs: boolean;
}

/**
 * The directories to which the end record at `at` can be taken to point: where it says, and right before it, as most
 * programs look once something was put in front of the file. Empty where neither holds.
 */
export function directoriesAt(bytes: Buffer, at: number, maxEntries: number): readonly ZipDirectory[] {
  const end = readEnd(bytes, at);
  if (end === undefined) return [];
  const found: ZipDirectory[] = [];
  for (const start of new Set([end.directoryEnd - end.size, end.offset])) {
    if (start < 0 || start > end.directoryEnd) continue;
    if (end.size > 0 || end.count > 0) {
      if (start + 4 > bytes.length || bytes.readUInt32LE(start) !== CENTRAL) continue;
    }
    found.push(readDirectory(bytes, end, start, maxEntries));
    // Nothing within: one directory, wherever it is said to be.
    if (end.size === 0 && end.count === 0) break;
  }
  return found;
}

/** APPNOTE 4.3.16, 4.3.14 and 4.3.15. */
function readEnd(bytes: Buffer, at: number): EndRecord | undefined {
  if (at + END_SIZE > bytes.length) return undefined;
  const commentLength = bytes.readUInt16LE(at + 20);
  const plain = {
    at,
    end: Math.min(at + END_SIZE + commentLength, bytes.length),
    disk: bytes.readUInt16LE(at + 4),
    count: bytes.readUInt16LE(at + 10),
    size: bytes.readUInt32LE(at + 12),
    offset: bytes.readUInt32LE(at + 16),
    comment: bytes.subarray(at + END_SIZE, at + END_SIZE + commentLength),
    directoryEnd: at,
    zip64Differs: false,
  };
  const locator = at - 20;
  if (locator < 0 || bytes.readUInt32LE(locator) !== 0x07064b50) return plain;
  const pointed = readUInt64LE(bytes, locator + 8);
  // Right before the locator, where something was put in front of the file.
  const record = [pointed, locator - 56].find(
    (place) => place >= 0 && place + 56 <= locator && bytes.readUInt32LE(place) === 0x06064b50,
  );
  if (record === undefined) return { ...plain, zip64Differs: true };
  const wide = {
    count: readUInt64LE(bytes, record + 32),
    size: readUInt64LE(bytes, record + 40),
    offset: readUInt64LE(bytes, record + 48),
  };
  const differs =
    (plain.count !== 0xffff && plain.count !== wide.count) ||
    (plain.size !== 0xffffffff && plain.size !== wide.size) ||
    (plain.offset !== 0xffffffff && plain.offset !== wide.offset);
  const disk = bytes.readUInt32LE(record + 16);
  return { ...plain, ...wide, disk, directoryEnd: record, zip64Differs: differs };
}

function readDirectory(bytes: Buffer, end: EndRecord, start: number, maxEntries: number): ZipDirectory {
  const entries: CentralEntry[] = [];
  // What was put in front of the file moves everything.
  const shift = start - end.offset;
  let at = start;
  let broken = false;
  while (at + 4 <= end.directoryEnd && bytes.readUInt32LE(at) === CENTRAL) {
    // One more than allowed, so that it is refused where entries are counted.
    if (entries.length > maxEntries) break;
    const entry = readCentral(bytes, at, end.directoryEnd, shift);
    if (entry === undefined) {
      broken = true;
      break;
    }
    entries.push(entry);
    at += CENTRAL_SIZE + entry.name.length + entry.extra.length + entry.comment.length;
  }
  const counted = entries.length > maxEntries || end.count === entries.length;
  return {
    entries,
    comment: end.comment,
    ranges: [
      { start, end: at },
      { start: end.directoryEnd, end: end.end },
    ],
    countDiffers: !counted || (entries.length <= maxEntries && at - start !== end.size),
    broken: broken || (entries.length <= maxEntries && entries.length < end.count),
    split: end.disk !== 0 && end.disk !== 0xffff,
    zip64Differs: end.zip64Differs,
  };
}

function readCentral(bytes: Buffer, at: number, limit: number, shift: number): CentralEntry | undefined {
  if (at + CENTRAL_SIZE > limit) return undefined;
  const nameEnd = at + CENTRAL_SIZE + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const commentEnd = extraEnd + bytes.readUInt16LE(at + 32);
  if (commentEnd > limit) return undefined;
  const extra = bytes.subarray(nameEnd, extraEnd);
  const wide = zip64Reader(extra);
  const plainSize = bytes.readUInt32LE(at + 24);
  const plainPacked = bytes.readUInt32LE(at + 20);
  const plainOffset = bytes.readUInt32LE(at + 42);
  const size = wide(plainSize);
  const packed = wide(plainPacked);
  const offset = wide(plainOffset);
  return {
    name: bytes.subarray(at + CENTRAL_SIZE, nameEnd),
    comment: bytes.subarray(extraEnd, commentEnd),
    extra,
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packed,
    size,
    localAt: offset + shift,
    mode: bytes[at + 5] === MADE_ON_UNIX ? bytes.readUInt16LE(at + 40) : 0,
  };
}

/** Values that didn't fit are in the ZIP64 extra field, in order (APPNOTE 4.5.3). */
export function zip64Reader(extra: Buffer): (plain: number) => number {
  const field = extraField(extra, 0x0001);
  let at = 0;
  return (plain) => {
    if (plain !== 0xffffffff || field === undefined || at + 8 > field.length) return plain;
    const value = readUInt64LE(field, at);
    at += 8;
    return value;
  };
}
