/** Whether there is nothing but zeros, as in padding. */
export function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/** A little-endian 64-bit number. Beyond 2^53 it is only roughly right, and too large for anything. */
export function readUInt64LE(bytes: Buffer, at: number): number {
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
