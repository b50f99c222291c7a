import type { Readable } from 'node:stream';

/**
 * A body's first `enough` bytes, or all `size` of it. Leaving the loop closes the stream.
 * @throws RangeError when there is more than `size` says; whatever the stream throws
 */
export async function readUpTo(stream: Readable, size: number, enough: number): Promise<Uint8Array> {
  // Memory of its own, once: it is handed over to the thread that reads the message.
  const bytes = Buffer.allocUnsafeSlow(Math.min(size, enough));
  let filled = 0;
  for await (const chunk of stream) {
    const piece: unknown = chunk;
    if (!(piece instanceof Uint8Array)) throw new TypeError('a body stream gave something other than bytes');
    if (piece.length > bytes.length - filled && size <= enough)
      throw new RangeError('the message is larger than it is said to be');
    bytes.set(piece.subarray(0, bytes.length - filled), filled);
    filled += Math.min(piece.length, bytes.length - filled);
    if (size > enough && filled >= enough) break;
  }
  return bytes.subarray(0, filled);
}
