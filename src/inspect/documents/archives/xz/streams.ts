import { CorruptArchive } from '../listing.js';

export interface XzStream {
  readonly start: number;
  readonly end: number;
  /** Unpacked, as its index says; liblzma refuses a stream whose blocks say otherwise. */
  readonly size: number;
}

const HEADER = 12;
const FOOTER = 12;
const MAX_STREAMS = 10_000;

/**
 * The streams of an xz file, found from its end by their indexes (the .xz file format, 2.1.2 and 4).
 * @returns `before`: where the first one begins
 * @throws CorruptArchive where the file doesn't end with a stream
 */
export function readXzStreams(bytes: Buffer): {
  readonly streams: readonly XzStream[];
  readonly before: number;
} {
  const streams: XzStream[] = [];
  let end = skipPadding(bytes, bytes.length);
  while (end > 0 && streams.length < MAX_STREAMS) {
    const stream = readStream(bytes, end);
    if (stream === undefined) break;
    streams.unshift(stream);
    end = skipPadding(bytes, stream.start);
  }
  if (streams.length === 0) throw new CorruptArchive('an xz file does not end with a stream');
  return { streams, before: end };
}

/** 2.2: zeros, four at a time. */
function skipPadding(bytes: Buffer, end: number): number {
  let at = end;
  while (at >= 4 && bytes.readUInt32LE(at - 4) === 0) at -= 4;
  return at;
}

function readStream(bytes: Buffer, end: number): XzStream | undefined {
  const footer = end - FOOTER;
  if (footer < HEADER || bytes.toString('latin1', end - 2, end) !== 'YZ') return undefined;
  const index = footer - (bytes.readUInt32LE(footer + 4) + 1) * 4;
  if (index < HEADER || bytes[index] !== 0) return undefined;
  let at = index + 1;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; shift < 9; shift++) {
      const byte = at < footer ? bytes.readUInt8(at) : 0;
      at += 1;
      value += (byte & 0x7f) * 2 ** (7 * shift);
      if ((byte & 0x80) === 0) return value;
    }
    throw new CorruptArchive('a number of an xz index is too long');
  };
  let packed = 0;
  let size = 0;
  for (let left = number(); left > 0; left--) {
    if (at >= footer) throw new CorruptArchive('an xz index is cut short');
    packed += Math.ceil(number() / 4) * 4;
    size += number();
  }
  const start = index - packed - HEADER;
  if (start < 0 || bytes.toString('latin1', start, start + 6) !== '\xfd7zXZ\0') return undefined;
  return { start, end, size };
}
