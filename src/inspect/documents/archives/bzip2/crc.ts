const TABLE = new Uint32Array(256);
for (let byte = 0; byte < 256; byte++) {
  let value = byte << 24;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value < 0 ? 0x04c11db7 : 0);
  TABLE[byte] = value;
}

/** CRC-32 as bzip2 counts it, from the most significant bit on; `node:zlib` has only the other direction. */
export function createCrc(): { add(bytes: Uint8Array): void; value(): number } {
  let crc = 0xffffffff;
  return {
    add(bytes) {
      for (const byte of bytes) crc = ((crc << 8) ^ (TABLE[((crc >>> 24) ^ byte) & 0xff] ?? 0)) >>> 0;
    },
    value: () => ~crc >>> 0,
  };
}
