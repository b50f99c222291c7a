import { MalformedKey } from './malformed.js';

/** Reads from the front of a byte string; every method throws MalformedKey where there is too little left. */
export interface Cursor {
  u8(): number;
  u16(): number;
  u32(): number;
  take(length: number): Uint8Array;
  left(): number;
  at(): number;
  /** A multiprecision integer without leading zeros (RFC 9580 3.2); with wrong bit counts it is malformed. */
  mpi(): Uint8Array;
}

export function cursor(bytes: Uint8Array): Cursor {
  let at = 0;
  const take = (length: number): Uint8Array => {
    if (length > bytes.length - at) throw new MalformedKey('it ends too early');
    at += length;
    return bytes.subarray(at - length, at);
  };
  const number = (length: number): number => take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  // By far the most frequent, so without a view of its own.
  const octet = (): number => {
    const byte = bytes[at];
    if (byte === undefined) throw new MalformedKey('it ends too early');
    at += 1;
    return byte;
  };
  return {
    u8: octet,
    u16: () => number(2),
    u32: () => number(4),
    take,
    left: () => bytes.length - at,
    at: () => at,
    mpi: () => {
      const bits = number(2);
      const value = take(Math.ceil(bits / 8));
      if (bitLength(value) !== bits) throw new MalformedKey('a number in it has a wrong length');
      return value;
    },
  };
}

/** Bits of a big-endian number. */
export function bitLength(value: Uint8Array): number {
  const first = value.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (value.length - first - 1) * 8 + (32 - Math.clz32(value[first] ?? 0));
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  // Not Buffer.concat's result itself: it may share memory with others, and this travels to other threads.
  return new Uint8Array(Buffer.concat(parts));
}

export function uint32(value: number): Uint8Array {
  return Uint8Array.of((value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex').toUpperCase();
}
