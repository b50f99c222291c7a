import { readUInt64LE } from '../bytes.js';
import { zip64Reader } from './directory.js';

/** A local file header (PKWARE APPNOTE 4.3.7). */
export interface LocalHeader {
  readonly name: Buffer;
  readonly extra: Buffer;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly dataAt: number;
}

export const LOCAL_SIGNATURE = Buffer.from('PK\x03\x04', 'latin1');
/** APPNOTE 4.4.4, bit 0. */
export const ENCRYPTED = 0x0001;
/** Bit 3: checksum and sizes follow the data. */
export const DESCRIPTOR = 0x0008;
/** Bit 11. */
export const UTF8 = 0x0800;
/** Bit 13: the local header is masked, for the directory is encrypted. */
export const MASKED = 0x2000;

const SIZE = 30;

export function readLocal(bytes: Buffer, at: number): LocalHeader | undefined {
  if (at < 0 || at + SIZE > bytes.length || !bytes.subarray(at, at + 4).equals(LOCAL_SIGNATURE))
    return undefined;
  const nameEnd = at + SIZE + bytes.readUInt16LE(at + 26);
  const dataAt = nameEnd + bytes.readUInt16LE(at + 28);
  if (dataAt > bytes.length) return undefined;
  const extra = bytes.subarray(nameEnd, dataAt);
  const wide = zip64Reader(extra);
  const size = wide(bytes.readUInt32LE(at + 22));
  const packed = wide(bytes.readUInt32LE(at + 18));
  return {
    name: bytes.subarray(at + SIZE, nameEnd),
    extra,
    flags: bytes.readUInt16LE(at + 6),
    method: bytes.readUInt16LE(at + 8),
    crc: bytes.readUInt32LE(at + 14),
    packed,
    size,
    dataAt,
  };
}

/** The end of the data descriptor at `at` (APPNOTE 4.3.9), or `at` where there is none. */
export function skipDescriptor(
  bytes: Buffer,
  at: number,
  entry: { readonly crc: number; readonly packed: number; readonly size: number },
): number {
  const ends: number[] = [];
  for (const signature of [4, 0]) {
    if (signature === 4 && (at + 4 > bytes.length || bytes.readUInt32LE(at) !== 0x08074b50)) continue;
    const start = at + signature;
    if (start + 12 > bytes.length || bytes.readUInt32LE(start) !== entry.crc) continue;
    const [packed, size] = [bytes.readUInt32LE(start + 4), bytes.readUInt32LE(start + 8)];
    if (packed === entry.packed % 2 ** 32 && size === entry.size % 2 ** 32) ends.push(start + 12);
    if (start + 20 > bytes.length) continue;
    if (readUInt64LE(bytes, start + 4) === entry.packed && readUInt64LE(bytes, start + 12) === entry.size) {
      ends.push(start + 20);
    }
  }
  // Empty files fit both widths: what follows tells them apart.
  return ends.find((end) => bytes.toString('latin1', end, end + 2) === 'PK') ?? ends[0] ?? at;
}
