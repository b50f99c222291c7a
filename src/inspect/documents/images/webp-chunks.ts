export interface WebpChunk {
  readonly type: string;
  /** With its header and padding. */
  readonly whole: Buffer;
  readonly data: Buffer;
}

/** The chunks of a WebP behind its first twelve bytes, or of a frame of an animation. */
export function readChunks(bytes: Buffer): readonly WebpChunk[] {
  const chunks: WebpChunk[] = [];
  for (let at = 0; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32LE(at + 4);
    const next = at + 8 + length + (length & 1);
    chunks.push({
      type: bytes.toString('latin1', at, at + 4),
      whole: bytes.subarray(at, next),
      data: bytes.subarray(at + 8, at + 8 + length),
    });
    at = next;
  }
  return chunks;
}

/** The size of a picture: RFC 9649 2.5 (lossy, RFC 6386 9.1) and 3.4 (lossless). */
export function bitmapSize(chunk: WebpChunk): { width: number; height: number } | undefined {
  const { data } = chunk;
  if (chunk.type === 'VP8 ' && data.length >= 10) {
    return { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
  }
  if (chunk.type === 'VP8L' && data.length >= 5) {
    const bits = data.readUInt32LE(1);
    return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  return undefined;
}

/** RFC 9649 2.7: the chunk that says that others than the picture may follow; here transparency. */
export function extended(size: { width: number; height: number }): Buffer {
  const chunk = Buffer.alloc(18);
  chunk.write('VP8X', 'latin1');
  chunk.writeUInt32LE(10, 4);
  chunk[8] = 0x10;
  chunk.writeUIntLE(size.width - 1, 12, 3);
  chunk.writeUIntLE(size.height - 1, 15, 3);
  return chunk;
}

/**
 * A WebP with a chunk of nobody's before its picture, which decoders skip (RFC 9649 2.7.1.6).
 * @returns undefined where it is damaged
 */
export function withMark(bytes: Buffer, mark: Buffer): Buffer | undefined {
  const [first] = readChunks(bytes.subarray(12));
  if (first === undefined) return undefined;
  const size = first.type === 'VP8X' ? undefined : bitmapSize(first);
  if (first.type !== 'VP8X' && size === undefined) return undefined;
  const head = size === undefined ? first.whole : extended(size);
  const chunk = Buffer.concat([Buffer.from('tuRn\n\0\0\0', 'latin1'), mark]);
  const body = [head, chunk, bytes.subarray(12 + (size === undefined ? first.whole.length : 0))];
  return asWebp(body);
}

/** A WebP of the given chunks. */
export function asWebp(chunks: readonly Buffer[]): Buffer {
  const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
  head.writeUInt32LE(4 + chunks.reduce((sum, chunk) => sum + chunk.length, 0), 4);
  return Buffer.concat([head, ...chunks]);
}
