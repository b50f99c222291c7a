import { CorruptDocument } from './findings.js';

/** Reads little-endian values one after the other. Every method throws CorruptDocument beyond the end. */
export interface ByteReader {
  readonly at: number;
  readonly left: number;
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  f64(): number;
  bytes(length: number): Buffer;
  skip(length: number): void;
}

export function byteReader(bytes: Buffer, start = 0): ByteReader {
  let at = start;
  const take = (length: number): number => {
    if (!(length >= 0) || at + length > bytes.length) throw new CorruptDocument('data end too early');
    at += length;
    return at - length;
  };
  return {
    get at() {
      return at;
    },
    get left() {
      return bytes.length - at;
    },
    u8: () => bytes.readUInt8(take(1)),
    u16: () => bytes.readUInt16LE(take(2)),
    u32: () => bytes.readUInt32LE(take(4)),
    i32: () => bytes.readInt32LE(take(4)),
    f64: () => bytes.readDoubleLE(take(8)),
    bytes(length) {
      const from = take(length);
      return bytes.subarray(from, from + length);
    },
    skip: (length) => {
      take(length);
    },
  };
}
