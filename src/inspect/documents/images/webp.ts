import { xmpText } from '../xmp.js';
import { readExif } from './exif.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { asText } from './words.js';

interface Chunk {
  readonly type: string;
  /** With its header and padding. */
  readonly whole: Buffer;
  readonly data: Buffer;
}

/** WebP (RFC 9649); each frame of an animation becomes a WebP by itself. */
export function parseWebp(bytes: Buffer): ImageFacts {
  if (bytes.toString('latin1', 0, 4) !== 'RIFF' || bytes.toString('latin1', 8, 12) !== 'WEBP') {
    throw new Error('not a WebP');
  }
  const declared = 8 + bytes.readUInt32LE(4) + (bytes.readUInt32LE(4) & 1);
  const end = Math.min(bytes.length, declared);
  const chunks = readChunks(bytes.subarray(12, end));
  const frames: Frame[] = [];
  const lines: string[] = [];
  let isTransparent = false;
  let canvas = { width: 0, height: 0 };
  for (const chunk of chunks) {
    if (chunk.type === 'VP8X' && chunk.data.length >= 10) {
      canvas = { width: chunk.data.readUIntLE(4, 3) + 1, height: chunk.data.readUIntLE(7, 3) + 1 };
    } else if (chunk.type === 'VP8 ' || chunk.type === 'VP8L') {
      const size = bitmapSize(chunk);
      if (size !== undefined) frames.push({ ...size, image: () => bytes.subarray(0, end) });
      isTransparent ||= hasAlpha(chunks);
    } else if (chunk.type === 'ANMF') {
      const frame = animationFrame(chunk.data);
      if (frame !== undefined) frames.push(frame);
      isTransparent ||= hasAlpha(readChunks(chunk.data.subarray(16)));
    } else if (chunk.type === 'EXIF') lines.push(...readExif(withoutName(chunk.data)).lines);
    else if (chunk.type === 'XMP ') lines.push(xmpText(asText(chunk.data)));
  }
  if (frames.length === 0) throw new Error('a WebP without a picture');
  return {
    width: Math.max(canvas.width, ...frames.map((frame) => frame.width)),
    height: Math.max(canvas.height, ...frames.map((frame) => frame.height)),
    frames,
    texts: lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }],
    end,
    // The recogniser's decoder drops the transparency, and shows what lies hidden in place of what is seen.
    ...(isTransparent && { unsupported: true as const }),
    ...(declared > bytes.length && { cutOff: true as const }),
  };
}

function readChunks(bytes: Buffer): readonly Chunk[] {
  const chunks: Chunk[] = [];
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

/** RFC 9649 2.5 (lossy, RFC 6386 9.1) and 3.4 (lossless). */
function bitmapSize(chunk: Chunk): { width: number; height: number } | undefined {
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

/** RFC 9649 2.7.1.2 and 3.4: a chunk of its own, or a bit of the lossless header. */
function hasAlpha(chunks: readonly Chunk[]): boolean {
  return chunks.some(
    ({ type, data }) => type === 'ALPH' || (type === 'VP8L' && ((data[4] ?? 0) & 0x10) !== 0),
  );
}

/** RFC 9649 2.7.1.1: place, size, duration and flags take sixteen bytes, then come the chunks of the picture. */
function animationFrame(data: Buffer): Frame | undefined {
  const inner = readChunks(data.subarray(16));
  const bitmap = inner.find((chunk) => chunk.type === 'VP8 ' || chunk.type === 'VP8L');
  const size = bitmap && bitmapSize(bitmap);
  if (bitmap === undefined || size === undefined) return undefined;
  const alpha = inner.find((chunk) => chunk.type === 'ALPH');
  return {
    ...size,
    image: () => {
      const body = alpha === undefined ? [bitmap.whole] : [extended(size), alpha.whole, bitmap.whole];
      const head = Buffer.from('RIFF\0\0\0\0WEBP', 'latin1');
      head.writeUInt32LE(4 + body.reduce((sum, chunk) => sum + chunk.length, 0), 4);
      return Buffer.concat([head, ...body]);
    },
  };
}

function extended(size: { width: number; height: number }): Buffer {
  const chunk = Buffer.alloc(18);
  chunk.write('VP8X', 'latin1');
  chunk.writeUInt32LE(10, 4);
  chunk[8] = 0x10;
  chunk.writeUIntLE(size.width - 1, 12, 3);
  chunk.writeUIntLE(size.height - 1, 15, 3);
  return chunk;
}

/** Some writers put JPEG's name before the data. */
function withoutName(data: Buffer): Buffer {
  return data.toString('latin1', 0, 4) === 'Exif' ? data.subarray(6) : data;
}
