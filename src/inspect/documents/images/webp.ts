import { xmpText } from '../xmp.js';
import { readExif } from './exif.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { showing, turnImage } from './turn.js';
import { asWebp, bitmapSize, extended, readChunks, type WebpChunk } from './webp-chunks.js';
import { asText } from './words.js';

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
  let orientation = 1;
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
    } else if (chunk.type === 'EXIF') {
      const exif = readExif(withoutName(chunk.data));
      for (const line of exif.lines) lines.push(line);
      orientation = exif.orientation;
    } else if (chunk.type === 'XMP ') lines.push(xmpText(asText(chunk.data)));
  }
  if (frames.length === 0) throw new Error('a WebP without a picture');
  const { mirrored, quarters } = showing(orientation);
  return {
    width: frames.reduce((most, { width }) => Math.max(most, width), canvas.width),
    height: frames.reduce((most, { height }) => Math.max(most, height), canvas.height),
    frames: quarters === 0 ? frames : frames.flatMap((frame) => bothWays(frame, quarters)),
    texts: lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }],
    end,
    // The recogniser's decoder drops the transparency, and shows what lies hidden in place of what is seen; it knows no
    // mirror.
    ...((isTransparent || mirrored) && { unsupported: true as const }),
    ...(declared > bytes.length && { cutOff: true as const }),
  };
}

/** Some programs heed the orientation of a picture, others don't; the recogniser does so in its first bytes. */
function bothWays(frame: Frame, quarters: 1 | 2 | 3): readonly Frame[] {
  const plain = async (): Promise<Buffer> => {
    const chunks = readChunks((await frame.image()).subarray(12));
    return asWebp(chunks.filter(({ type }) => type !== 'EXIF').map(({ whole }) => whole));
  };
  const turned = async (): Promise<Buffer> => {
    const image = turnImage(await plain(), quarters);
    if (image === undefined) throw new Error('a WebP that cannot be turned');
    return image;
  };
  return [
    { ...frame, image: plain },
    { ...frame, again: true, image: turned },
  ];
}

/** RFC 9649 2.7.1.2 and 3.4: a chunk of its own, or a bit of the lossless header. */
function hasAlpha(chunks: readonly WebpChunk[]): boolean {
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
      return asWebp(body);
    },
  };
}

/** Some writers put JPEG's name before the data. */
function withoutName(data: Buffer): Buffer {
  return data.toString('latin1', 0, 4) === 'Exif' ? data.subarray(6) : data;
}
