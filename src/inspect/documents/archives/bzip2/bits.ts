import { CorruptArchive } from '../listing.js';

/** Reads bits from the most significant one on. */
export interface BitReader {
  /** @param count up to 24 @throws CorruptArchive at the end */
  bits(count: number): number;
  bit(): number;
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
    align() {
      held = 0;
      value = 0;
      return at;
    },
  };
}
