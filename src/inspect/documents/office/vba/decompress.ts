import { CorruptDocument } from '../findings.js';

const SIGNATURE = 1;
const CHUNK = 4096;

/**
 * Unpacks a compressed container ([MS-OVBA] 2.4.1): pieces of at most 4096 bytes, in each of which references lead back
 * to what was written before in the same piece.
 * @param take told of what each piece unpacks to, before it is kept; may throw
 * @throws CorruptDocument where it isn't one, or ends within a piece
 */
export function decompressVba(bytes: Buffer, take: (bytes: number) => void): Buffer {
  if (bytes[0] !== SIGNATURE) throw new CorruptDocument('not a compressed container');
  const chunks: Buffer[] = [];
  let at = 1;
  while (at < bytes.length) {
    if (at + 2 > bytes.length) throw new CorruptDocument('a piece is cut short');
    const header = bytes.readUInt16LE(at);
    const end = at + (header & 0xfff) + 3;
    if (((header >> 12) & 7) !== 3 || end > bytes.length) throw new CorruptDocument('a piece is damaged');
    const body = bytes.subarray(at + 2, end);
    const chunk = (header & 0x8000) === 0 ? stored(body) : unpacked(body);
    take(chunk.length);
    chunks.push(chunk);
    at = end;
  }
  return Buffer.concat(chunks);
}

function stored(body: Buffer): Buffer {
  if (body.length !== CHUNK) throw new CorruptDocument('a piece has another size');
  return body;
}

function unpacked(body: Buffer): Buffer {
  const out = Buffer.alloc(CHUNK);
  let length = 0;
  let at = 0;
  while (at < body.length) {
    const flags = body[at] ?? 0;
    at += 1;
    for (let bit = 0; bit < 8 && at < body.length; bit++) {
      if ((flags & (1 << bit)) === 0) {
        if (length >= CHUNK) throw new CorruptDocument('a piece is too long');
        out[length] = body[at] ?? 0;
        length += 1;
        at += 1;
        continue;
      }
      if (at + 2 > body.length) throw new CorruptDocument('a reference is cut short');
      const { offset, count } = reference(body.readUInt16LE(at), length);
      at += 2;
      if (offset > length || length + count > CHUNK) throw new CorruptDocument('a reference leads outside');
      // Byte by byte: a reference may lead into what it writes.
      for (let copied = 0; copied < count; copied++, length++) out[length] = out[length - offset] ?? 0;
    }
  }
  return out.subarray(0, length);
}

/** How many bits are the offset's depends on how far the piece is unpacked (2.4.1.3.19.1). */
function reference(token: number, length: number): { readonly offset: number; readonly count: number } {
  let bits = 4;
  while (1 << bits < length) bits += 1;
  return { offset: (token >> (16 - bits)) + 1, count: (token & (0xffff >> bits)) + 3 };
}
