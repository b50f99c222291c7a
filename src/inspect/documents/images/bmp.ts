import { toPnm } from './grey-image.js';
import type { ImageFacts } from './image-facts.js';

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const OLD_HEADER = 12;

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly dataAt: number;
  readonly tableAt: number;
  readonly tableStep: number;
}

/** Windows bitmaps: decoded here, because the recogniser's own decoder copies each byte several times over. */
export function parseBmp(bytes: Buffer): ImageFacts {
  const header = readHeader(bytes);
  const { width, height, bits, compression } = header;
  const coded = compression === RLE8 || compression === RLE4;
  const size = coded ? codedSize(bytes, header) : rowSize(width, bits) * height;
  const end = Math.min(bytes.length, header.dataAt + size);
  const known =
    (compression === RGB && [1, 4, 8, 16, 24, 32].includes(bits)) ||
    (compression === BITFIELDS && (bits === 16 || bits === 32)) ||
    (compression === RLE8 && bits === 8) ||
    (compression === RLE4 && bits === 4);
  return {
    width,
    height,
    frames: [{ width, height, image: () => toPnm({ width, height, pixels: decode(bytes, header) }) }],
    texts: [],
    end: known ? end : bytes.length,
    ...(!known && { unsupported: true as const }),
    ...(header.dataAt + size > bytes.length && { cutOff: true as const }),
  };
}

function readHeader(bytes: Buffer): BmpHeader {
  if (bytes.toString('latin1', 0, 2) !== 'BM' || bytes.length < 26) throw new Error('not a bitmap');
  const dataAt = bytes.readUInt32LE(10);
  const headerSize = bytes.readUInt32LE(14);
  if (headerSize === OLD_HEADER) {
    return {
      width: bytes.readUInt16LE(18),
      height: bytes.readUInt16LE(20),
      topDown: false,
      bits: bytes.readUInt16LE(24),
      compression: RGB,
      dataAt,
      tableAt: 26,
      tableStep: 3,
    };
  }
  if (headerSize < 40 || bytes.length < 54) throw new Error('a bitmap of an unknown kind');
  const height = bytes.readInt32LE(22);
  return {
    width: Math.abs(bytes.readInt32LE(18)),
    height: Math.abs(height),
    topDown: height < 0,
    bits: bytes.readUInt16LE(28),
    compression: bytes.readUInt32LE(30),
    dataAt,
    tableAt: 14 + headerSize,
    tableStep: 4,
  };
}

/** As the header says, or else what is left of the file. */
function codedSize(bytes: Buffer, header: BmpHeader): number {
  return bytes.readUInt32LE(34) || Math.max(0, bytes.length - header.dataAt);
}

/** Rows are filled up to four bytes. */
function rowSize(width: number, bits: number): number {
  return Math.ceil((width * bits) / 32) * 4;
}

function decode(bytes: Buffer, header: BmpHeader): Buffer {
  const { width, height, bits, compression } = header;
  const grey = Buffer.alloc(width * height, 255);
  const row = (y: number): number => (header.topDown ? y : height - 1 - y) * width;
  if (compression === RLE8 || compression === RLE4) {
    decodeRuns(bytes, header, (x, y, index) => {
      if (x < width && y < height) grey[row(y) + x] = colour(bytes, header, index);
    });
    return grey;
  }
  const step = rowSize(width, bits);
  for (let y = 0; y < height; y++) {
    const rowAt = header.dataAt + y * step;
    const target = row(y);
    for (let x = 0; x < width; x++) grey[target + x] = pixel(bytes, header, rowAt, x);
  }
  return grey;
}

function pixel(bytes: Buffer, header: BmpHeader, rowAt: number, x: number): number {
  const { bits } = header;
  if (bits <= 8) {
    const bit = x * bits;
    const byte = bytes[rowAt + (bit >> 3)] ?? 0;
    return colour(bytes, header, (byte >> (8 - bits - (bit & 7))) & ((1 << bits) - 1));
  }
  const at = rowAt + x * (bits >> 3);
  if (bits === 16) {
    const value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return luma(((value >> 10) & 31) << 3, ((value >> 5) & 31) << 3, (value & 31) << 3);
  }
  return luma(bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0);
}

function colour(bytes: Buffer, header: BmpHeader, index: number): number {
  const at = header.tableAt + index * header.tableStep;
  if (at + 3 > header.dataAt) return 0;
  return luma(bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0);
}

/** ITU-R BT.601. */
function luma(red: number, green: number, blue: number): number {
  return Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
}

/** RLE4 and RLE8: a count and a value; a count of zero ends a line (0), the picture (1), jumps (2) or copies. */
function decodeRuns(
  bytes: Buffer,
  header: BmpHeader,
  put: (x: number, y: number, index: number) => void,
): void {
  const four = header.bits === 4;
  const half = (byte: number, number: number): number =>
    four ? ((number & 1) === 0 ? byte >> 4 : byte & 15) : byte;
  let x = 0;
  let y = 0;
  for (let at = header.dataAt; at + 1 < bytes.length && y < header.height; ) {
    const count = bytes[at] ?? 0;
    const value = bytes[at + 1] ?? 0;
    at += 2;
    if (count > 0) for (let number = 0; number < count; number++) put(x++, y, half(value, number));
    else if (value === 0) {
      x = 0;
      y += 1;
    } else if (value === 1) return;
    else if (value === 2) {
      x += bytes[at] ?? 0;
      y += bytes[at + 1] ?? 0;
      at += 2;
    } else {
      for (let number = 0; number < value; number++) {
        put(x++, y, half(bytes[at + (four ? number >> 1 : number)] ?? 0, number));
      }
      const used = four ? (value + 1) >> 1 : value;
      at += used + (used & 1);
    }
  }
}
