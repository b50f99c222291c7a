import { COMPRESSION, type StoredPicture, type StoredPiece } from './stored-picture.js';
import type { TiffDirectory, TiffEntry, TiffSource } from './tiff-directory.js';

const KNOWN: ReadonlySet<number> = new Set(Object.values(COMPRESSION));
const BILEVEL: ReadonlySet<number> = new Set([COMPRESSION.huffman, COMPRESSION.fax3, COMPRESSION.fax4]);
/** White is zero, black is zero, RGB, palette, CMYK, YCbCr. */
const PHOTOMETRIC: ReadonlySet<number> = new Set([0, 1, 2, 3, 5, 6]);
const MAX_PIECES = 100_000;

export interface TiffPage extends StoredPicture {
  /** Exif's number for how it is to be turned. */
  readonly orientation: number;
  /** By how much lines must be drawn higher for pixels to be square. */
  readonly stretch: number;
  /** Offset behind the last piece. */
  readonly end: number;
}

/** @returns undefined where the page is stored in a way that isn't drawn here */
export function tiffPage(source: TiffSource, directory: TiffDirectory): TiffPage | undefined {
  const all = (tag: number): readonly number[] => entryOf(directory, tag)?.numbers() ?? [];
  const one = (tag: number, otherwise: number): number => all(tag)[0] ?? otherwise;
  const width = one(256, 0);
  const height = one(257, 0);
  const bits = one(258, 1);
  const samples = one(277, 1);
  const compression = one(259, 1);
  const photometric = one(262, 0);
  const predictor = one(317, 1);
  const tables = entryOf(directory, 347)?.bytes();
  const drawable =
    width > 0 &&
    height > 0 &&
    [1, 2, 4, 8].includes(bits) &&
    all(258).every((other) => other === bits) &&
    samples >= 1 &&
    samples <= 5 &&
    KNOWN.has(compression) &&
    PHOTOMETRIC.has(photometric) &&
    (photometric !== 6 || compression === COMPRESSION.jpeg) &&
    (!BILEVEL.has(compression) || (bits === 1 && samples === 1)) &&
    (predictor === 1 || predictor === 2) &&
    // Each colour in a plane of its own, or samples that aren't whole numbers.
    (one(284, 1) === 1 || samples === 1) &&
    one(339, 1) === 1;
  if (!drawable) return undefined;
  const reversed = one(266, 1) === 2;
  const pieces = piecesOf(source, { all, one }, width, height, reversed);
  if (pieces === undefined) return undefined;
  const ratio = one(282, 1) / one(283, 1);
  return {
    width,
    height,
    orientation: one(274, 1),
    stretch: ratio > 1.2 && ratio <= 4 ? ratio : 1,
    bits,
    samples,
    compression,
    photometric,
    predictor,
    t4Options: one(292, 0),
    jpegTables: tables,
    colourMap: all(320),
    pieces: pieces.list,
    end: pieces.end,
  };
}

function entryOf(directory: TiffDirectory, tag: number): TiffEntry | undefined {
  return directory.entries.find((entry) => entry.tag === tag);
}

interface Tags {
  all(tag: number): readonly number[];
  one(tag: number, otherwise: number): number;
}

function piecesOf(
  source: TiffSource,
  tags: Tags,
  width: number,
  height: number,
  reversed: boolean,
): { readonly list: readonly StoredPiece[]; readonly end: number } | undefined {
  const tiled = tags.all(324).length > 0;
  const offsets = tags.all(tiled ? 324 : 273);
  const counts = tags.all(tiled ? 325 : 279);
  const pieceWidth = tiled ? tags.one(322, 0) : width;
  const pieceHeight = Math.min(tiled ? tags.one(323, 0) : tags.one(278, height), tiled ? Infinity : height);
  if (pieceWidth < 1 || pieceHeight < 1 || offsets.length > MAX_PIECES) return undefined;
  const across = Math.ceil(width / pieceWidth);
  if (offsets.length < across * Math.ceil(height / pieceHeight)) return undefined;
  let end = 0;
  const list = offsets.map((offset, index) => {
    const x = (index % across) * pieceWidth;
    const y = Math.floor(index / across) * pieceHeight;
    // A single piece may come without its size.
    const size = counts[index] ?? source.bytes.length - offset;
    end = Math.max(end, offset + size);
    const bytes = source.bytes.subarray(offset, offset + size);
    return {
      x,
      y,
      width: pieceWidth,
      height: tiled ? pieceHeight : Math.min(pieceHeight, height - y),
      bytes: reversed ? withBitsReversed(bytes) : bytes,
    };
  });
  return { list: list.filter((piece) => piece.y < height), end };
}

function withBitsReversed(bytes: Buffer): Buffer {
  return Buffer.from(
    bytes.map((byte) => {
      let turned = 0;
      for (let bit = 0; bit < 8; bit++) if ((byte & (1 << bit)) !== 0) turned |= 0x80 >> bit;
      return turned;
    }),
  );
}
