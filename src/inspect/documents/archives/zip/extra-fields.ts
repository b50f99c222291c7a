import { crc32 } from 'node:zlib';

/** The first extra field with that number (PKWARE APPNOTE 4.5.1). */
export function extraField(extra: Buffer, id: number): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; ) {
    const end = at + 4 + extra.readUInt16LE(at + 2);
    if (end > extra.length) return undefined;
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, end);
    at = end;
  }
  return undefined;
}

/** The name or comment in UTF-8 that Info-ZIP keeps beside the plain one (APPNOTE 4.6.8, 4.6.9). */
export function unicodeField(extra: Buffer, id: 0x7075 | 0x6375, plain: Buffer): Buffer | undefined {
  const field = extraField(extra, id);
  if (field === undefined || field.length < 5 || field[0] !== 1) return undefined;
  // Its checksum tells whether the plain one was changed since.
  return field.readUInt32LE(1) === crc32(plain) ? field.subarray(5) : undefined;
}
