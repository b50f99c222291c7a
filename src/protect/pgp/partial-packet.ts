import { concat, uint32 } from '../../keys/openpgp/cursor.js';

/** Octets of a partial body: a power of two, the first at least 512 (RFC 9580 4.2.1.4). */
const PART_EXPONENT = 16;
export const PART = 2 ** PART_EXPONENT;

/**
 * One data packet whose length needn't be known before it ends, in partial bodies (RFC 9580 4.2.1.4); what fits into one has
 * a definite length. The same memory is given each time: a piece must be used before the next is asked for.
 */
export async function* partialPacket(
  tag: number,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  // Header and part together, so that each piece comes whole.
  const buffer = Buffer.allocUnsafe(2 + PART);
  buffer[1] = 0xe0 | PART_EXPONENT;
  let filled = 0;
  let first = true;
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; ) {
      // A full part is only given when more comes: the last must have a definite length.
      if (filled === PART) {
        if (first) buffer[0] = 0xc0 | tag;
        yield buffer.subarray(first ? 0 : 1);
        first = false;
        filled = 0;
      }
      const taken = Math.min(chunk.length - at, PART - filled);
      buffer.set(chunk.subarray(at, at + taken), 2 + filled);
      at += taken;
      filled += taken;
    }
  }
  yield concat(
    first ? Uint8Array.of(0xc0 | tag) : new Uint8Array(0),
    definiteLength(filled),
    buffer.subarray(2, 2 + filled),
  );
}

/** RFC 9580 4.2.1.1 to 4.2.1.3. */
export function definiteLength(length: number): Uint8Array {
  if (length < 192) return Uint8Array.of(length);
  if (length < 8384) return Uint8Array.of(((length - 192) >> 8) + 192, (length - 192) & 255);
  return concat(Uint8Array.of(255), uint32(length));
}
