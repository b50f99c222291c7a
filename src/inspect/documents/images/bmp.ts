import { toPnm } from './grey-image.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { COMPRESSION } from './stored-picture.js';
import { pictureAsPdf } from './stored-picture-pdf.js';

const RGB = 0;
const RLE8 = 1;
const RLE4 = 2;
const BITFIELDS = 3;
const ALPHA_BITFIELDS = 6;
const OLD_HEADER = 12;
/** Headers from this size on say where a pixel's opacity is ([MS-WMF] 2.2.2.4 and 2.2.2.5, and those that Windows 3 NT added). */
const HEADER_WITH_ALPHA = 56;
const MASKS_AT = 54;

/** Which bits of a pixel are its colours. */
interface Masks {
  readonly red: number;
  readonly green: number;
  readonly blue: number;
  /** 0 where none are its opacity. */
  readonly alpha: number;
}

interface BmpHeader {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  readonly compression: number;
  readonly dataAt: number;
  readonly tableAt: number;
  readonly tableStep: number;
  /** Absent: the usual ones. */
  readonly masks?: Masks;
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
    (header.masks !== undefined && (bits === 16 || bits === 32)) ||
    (compression === RLE8 && bits === 8) ||
    (compression === RLE4 && bits === 4);
  // Some programs heed how opaque a pixel is, others don't.
  const frame = (overWhite: boolean): Frame => ({
    width,
    height,
    ...(overWhite && { again: true as const }),
    image: () => toPnm({ width, height, pixels: grey(decode(bytes, header, overWhite)) }),
    ...(known && { asPdf: () => coloursAsPdf(width, height, decode(bytes, header, overWhite)) }),
  });
  return {
    width,
    height,
    frames: (header.masks?.alpha ?? 0) === 0 ? [frame(false)] : [frame(false), frame(true)],
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
  const masks = masksOf(bytes, headerSize);
  return {
    width: Math.abs(bytes.readInt32LE(18)),
    height: Math.abs(height),
    topDown: height < 0,
    bits: bytes.readUInt16LE(28),
    compression: bytes.readUInt32LE(30),
    dataAt,
    tableAt: 14 + headerSize,
    tableStep: 4,
    ...(masks && { masks }),
  };
}

/** They follow a header of the first version, and stand at the same place in later ones. */
function masksOf(bytes: Buffer, headerSize: number): Masks | undefined {
  const compression = bytes.readUInt32LE(30);
  if (compression !== BITFIELDS && compression !== ALPHA_BITFIELDS) return undefined;
  if (bytes.length < MASKS_AT + 16) throw new Error('a bitmap that ends within its header');
  const hasAlpha = headerSize >= HEADER_WITH_ALPHA || compression === ALPHA_BITFIELDS;
  return {
    red: bytes.readUInt32LE(MASKS_AT),
    green: bytes.readUInt32LE(MASKS_AT + 4),
    blue: bytes.readUInt32LE(MASKS_AT + 8),
    alpha: hasAlpha ? bytes.readUInt32LE(MASKS_AT + 12) : 0,
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

/**
 * Red, green and blue of all pixels, a byte each.
 * @param overWhite laid over white paper by their opacity
 */
function decode(bytes: Buffer, header: BmpHeader, overWhite: boolean): Buffer {
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
  const { masks } = header;
  const colour = masks && masked(masks, overWhite);
  const size = bits >> 3;
  for (let y = 0; y < height; y++) {
    const rowAt = header.dataAt + y * step;
    const target = row(y);
    for (let x = 0; x < width; x++) {
      if (colour === undefined) put(target + x, pixel(bytes, header, rowAt, x));
      else if (rowAt + (x + 1) * size <= bytes.length)
        put(target + x, colour(bytes.readUIntLE(rowAt + x * size, size)));
    }
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

function masked(masks: Masks, overWhite: boolean): (pixel: number) => number {
  const red = sampleOf(masks.red);
  const green = sampleOf(masks.green);
  const blue = sampleOf(masks.blue);
  const alpha = overWhite && masks.alpha !== 0 ? sampleOf(masks.alpha) : () => 255;
  return (pixel) => {
    const opacity = alpha(pixel) / 255;
    const over = (sample: number): number => Math.round(255 - opacity * (255 - sample));
    return rgb(over(red(pixel)), over(green(pixel)), over(blue(pixel)));
  };
}

/** A sample of a pixel, of 0 to 255. */
function sampleOf(mask: number): (pixel: number) => number {
  const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
  const most = mask >>> shift;
  return most === 0 ? () => 0 : (pixel) => (((pixel & mask) >>> shift) / most) * 255;
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
