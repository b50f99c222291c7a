import { toPnm } from './grey-image.js';
import type { ImageFacts } from './image-facts.js';
import { COMPRESSION } from './stored-picture.js';
import { pictureAsPdf } from './stored-picture-pdf.js';

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
    frames: [
      {
        width,
        height,
        image: () => toPnm({ width, height, pixels: grey(decode(bytes, header)) }),
        ...(known && { asPdf: () => coloursAsPdf(width, height, decode(bytes, header)) }),
      },
    ],
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

/** Red, green and blue of all pixels, a byte each. */
function decode(bytes: Buffer, header: BmpHeader): Buffer {
  const { width, height, bits, compression } = header;
  const pixels = Buffer.alloc(width * height * 3, 255);
  const row = (y: number): number => (header.topDown ? y : height - 1 - y) * width;
  const put = (at: number, colour: number): void => {
    pixels.writeUIntBE(colour, at * 3, 3);
  };
  if (compression === RLE8 || compression === RLE4) {
    decodeRuns(bytes, header, (x, y, index) => {
      if (x < width && y < height) put(row(y) + x, colourAt(bytes, header, index));
    });
    return pixels;
  }
  const step = rowSize(width, bits);
  for (let y = 0; y < height; y++) {
    const rowAt = header.dataAt + y * step;
    const target = row(y);
    for (let x = 0; x < width; x++) put(target + x, pixel(bytes, header, rowAt, x));
  }
  return pixels;
}

function pixel(bytes: Buffer, header: BmpHeader, rowAt: number, x: number): number {
  const { bits } = header;
  if (bits <= 8) {
    const bit = x * bits;
    const byte = bytes[rowAt + (bit >> 3)] ?? 0;
    return colourAt(bytes, header, (byte >> (8 - bits - (bit & 7))) & ((1 << bits) - 1));
  }
  const at = rowAt + x * (bits >> 3);
  if (bits === 16) {
    const value = (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return rgb(((value >> 10) & 31) << 3, ((value >> 5) & 31) << 3, (value & 31) << 3);
  }
  return rgb(bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0);
}

function colourAt(bytes: Buffer, header: BmpHeader, index: number): number {
  const at = header.tableAt + index * header.tableStep;
  if (at + 3 > header.dataAt) return 0;
  return rgb(bytes[at + 2] ?? 0, bytes[at + 1] ?? 0, bytes[at] ?? 0);
}

function rgb(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

/** ITU-R BT.601. */
function grey(colours: Buffer): Buffer {
  const pixels = Buffer.alloc(colours.length / 3);
  for (let at = 0; at < pixels.length; at++) {
    const [red = 0, green = 0, blue = 0] = [colours[at * 3], colours[at * 3 + 1], colours[at * 3 + 2]];
    pixels[at] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return pixels;
}

function coloursAsPdf(width: number, height: number, bytes: Buffer): Buffer {
  const picture = {
    width,
    height,
    bits: 8,
    samples: 3,
    compression: COMPRESSION.none,
    photometric: 2,
    predictor: 1,
    t4Options: 0,
    jpegTables: undefined,
    colourMap: [],
    pieces: [{ x: 0, y: 0, width, height, bytes }],
  };
  return pictureAsPdf(picture, height);
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
