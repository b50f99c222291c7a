import { CorruptArchive } from '../listing.js';

/** Reads bits from the most significant one on. */
export interface BitReader {
  /** @param count up to 24 @throws CorruptArchive at the end */
  bits(count: number): number;
  bit(): number;
  /** The next bits without passing over them; behind the end they are zero. @param count up to 16 */
  peek(count: number): number;
  /** @throws CorruptArchive at the end */
  skip(count: number): void;
  /** The next whole byte's place. */
  align(): number;
}

export function bitReader(bytes: Buffer, start: number): BitReader {
  let at = start;
  let held = 0;
  let value = 0;
  const bits = (count: number): number => {
    while (held < count) {
      const byte = bytes[at];
      if (byte === undefined) throw new CorruptArchive('a bzip2 stream is cut short');
      at += 1;
      value = ((value << 8) | byte) >>> 0;
      held += 8;
    }
    held -= count;
    const result = (value >>> held) & ((1 << count) - 1);
    value &= (1 << held) - 1;
    return result;
  };
  return {
    bits,
    bit: () => bits(1),
    peek(count) {
      while (held < count && at < bytes.length) {
        value = ((value << 8) | (bytes[at] ?? 0)) >>> 0;
        at += 1;
        held += 8;
      }
      const all = (1 << count) - 1;
      return held >= count ? (value >>> (held - count)) & all : (value << (count - held)) & all;
    },
    skip(count) {
      if (held < count) throw new CorruptArchive('a bzip2 stream is cut short');
      held -= count;
      value &= (1 << held) - 1;
    },
    align() {
      // Whole bytes that were looked at and not used are given back.
      at -= held >> 3;
      held = 0;
      value = 0;
      return at;
    },
  };
}
