import { crc32 } from 'node:zlib';
import { decodeBzip2 } from '../bzip2/decode.js';
import { inflateRaw } from '../inflate.js';
import { decodeZipMethod } from '../libarchive/zip-method.js';
import type { Decoded } from '../listing.js';
import type { Meter } from '../meter.js';

/** What one entry's data are said to be. */
export interface EntryData {
  readonly method: number;
  readonly flags: number;
  readonly packed: Buffer;
  /** Undefined where they follow the data and aren't known yet. */
  readonly size: number | undefined;
  readonly crc: number | undefined;
}

export interface DecodedEntry extends Decoded {
  /** Bytes of the data that were used. */
  readonly consumed: number;
  /** The declared size isn't the real one, although the checksum fits. */
  readonly sizeDiffers: boolean;
}

/** Compression methods that are read (APPNOTE 4.4.5). */
const STORED = 0;
const DEFLATED = 8;
const BZIP2 = 12;
/** LZMA, xz and PPMd. */
const BY_LIBARCHIVE: ReadonlySet<number> = new Set([14, 95, 98]);

export function isReadableMethod(method: number): boolean {
  return method === STORED || method === DEFLATED || method === BZIP2 || BY_LIBARCHIVE.has(method);
}

/** Unpacks an entry's data. @throws TooLarge */
export async function decodeEntry(data: EntryData, meter: Meter): Promise<DecodedEntry> {
  const count = meter.entry(data.size);
  const { bytes, consumed, sound } = await unpack(data, count);
  const crcFits = data.crc === undefined || crc32(bytes) === data.crc;
  return {
    bytes,
    consumed,
    complete: sound && crcFits,
    sizeDiffers: data.size !== undefined && bytes.length !== data.size,
  };
}

async function unpack(
  { method, flags, packed, size, crc }: EntryData,
  count: (bytes: number) => void,
): Promise<{ readonly bytes: Buffer; readonly consumed: number; readonly sound: boolean }> {
  if (method === STORED) {
    count(packed.length);
    return { bytes: packed, consumed: packed.length, sound: true };
  }
  if (method === DEFLATED) return inflateRaw(packed, count);
  if (method === BZIP2) return decodeBzip2(packed, count);
  const decoded = await decodeZipMethod({ method, flags, packed, size: size ?? 0, crc }, count);
  return { bytes: decoded.bytes, consumed: packed.length, sound: decoded.complete };
}
