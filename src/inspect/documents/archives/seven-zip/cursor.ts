import { readUInt64LE } from '../bytes.js';
import { CorruptArchive } from '../listing.js';

/** Reads a 7z header from front to back (7zFormat.txt of the LZMA SDK). All throw CorruptArchive at the end. */
export interface Cursor {
  byte(): number;
  /** A number of one to nine bytes. */
  number(): number;
  /** A number of things, each of which takes at least a bit of what follows. */
  count(): number;
  take(size: number): Buffer;
  /** Bits, most significant first; with a leading byte that says that all are set where `optional`. */
  flags(count: number, optional: boolean): readonly boolean[];
  rest(): Buffer;
}

export function cursor(bytes: Buffer): Cursor {
  let at = 0;
  const take = (size: number): Buffer => {
    if (at + size > bytes.length) throw new CorruptArchive('a 7z header is cut short');
    at += size;
    return bytes.subarray(at - size, at);
  };
  const byte = () => take(1).readUInt8(0);
  const number = (): number => {
    const first = byte();
    let extra = 0;
    while (extra < 8 && (first & (0x80 >> extra)) !== 0) extra += 1;
    const low = Buffer.alloc(8);
    take(extra).copy(low);
    const high = extra < 7 ? first & (0x7f >> extra) : 0;
    const value = readUInt64LE(low, 0) + high * 2 ** (8 * extra);
    if (!Number.isSafeInteger(value)) throw new CorruptArchive('a number of a 7z header is too large');
    return value;
  };
  return {
    byte,
    number,
    count() {
      const value = number();
      if (value > (bytes.length - at) * 8) throw new CorruptArchive('a 7z header announces more than it has');
      return value;
    },
    take,
    flags(count, optional) {
      if (optional && byte() !== 0) return Array.from({ length: count }, () => true);
      const bits = take(Math.ceil(count / 8));
      return Array.from(
        { length: count },
        (_, index) => ((bits[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0,
      );
    },
    rest: () => bytes.subarray(at),
  };
}
