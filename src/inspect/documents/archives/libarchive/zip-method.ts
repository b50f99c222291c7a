import type { Decoded } from '../listing.js';
import type { EntryMeter } from '../meter.js';
import { openArchive } from './open.js';

export interface MethodData {
  readonly method: number;
  /** General purpose flags; only those that concern compression are passed on. */
  readonly flags: number;
  readonly packed: Buffer;
  readonly size: number;
  /** Undefined where the data have a checksum of their own. */
  readonly crc: number | undefined;
}

/** LZMA's end mark (APPNOTE 4.4.4, bit 1). */
const END_MARK = 0x0002;
const VERSION = 63;

/**
 * Unpacks data compressed by a method of ZIP that Node doesn't have, by wrapping them as an archive with one entry.
 * @throws TooLarge
 */
export async function decodeZipMethod(data: MethodData, count: EntryMeter): Promise<Decoded> {
  if (data.crc !== undefined) return decodeOnce(data, data.crc, count);
  // An error at the end takes the last block along, so the checksum is found out first. What comes out is never more
  // than the size that was declared, and that was counted.
  const first = await decodeOnce(data, 0, () => undefined);
  if (first.complete) return first;
  const crc = /bad CRC: 0x([0-9a-f]{1,8}) /.exec(first.complaint)?.[1];
  return crc === undefined ? first : decodeOnce(data, Number.parseInt(crc, 16), count);
}

async function decodeOnce(
  data: MethodData,
  crc: number,
  count: EntryMeter,
): Promise<Decoded & { readonly complaint: string }> {
  const entry = (await openArchive(wrap(data, crc))).next();
  if (entry === undefined) return { bytes: Buffer.alloc(0), complete: false, complaint: '' };
  const { bytes, complaint } = entry.read(count);
  return { bytes, complete: complaint === undefined, complaint: complaint ?? '' };
}

function wrap({ method, flags, packed, size }: MethodData, crc: number): Buffer {
  const shared = Buffer.alloc(26);
  shared.writeUInt16LE(VERSION, 0);
  shared.writeUInt16LE(flags & END_MARK, 2);
  shared.writeUInt16LE(method, 4);
  shared.writeUInt32LE(crc, 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(size % 2 ** 32, 18);
  shared.writeUInt16LE(1, 22);
  const name = Buffer.from('x');
  const local = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), shared, name]);
  const version = Buffer.from([VERSION, 0]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02', 'latin1'),
    version,
    shared,
    Buffer.alloc(14),
    name,
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length + packed.length, 16);
  return Buffer.concat([local, packed, central, end]);
}
