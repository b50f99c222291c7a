/** A picture in pieces that are stored in a way that PDF knows too; as pages of TIFF are, and PNG and JPEG can be taken. */
export interface StoredPicture {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly samples: number;
  readonly compression: number;
  /** TIFF's numbers: 0 white is zero, 1 black is zero, 2 RGB, 3 palette, 5 CMYK, 6 YCbCr. */
  readonly photometric: number;
  /** 1: none, 2: TIFF's, 15: PNG's. */
  readonly predictor: number;
  readonly t4Options: number;
  readonly jpegTables: Buffer | undefined;
  /** Red, green and blue, each for all colours, of 16 bits. */
  readonly colourMap: readonly number[];
  readonly pieces: readonly StoredPiece[];
}

/** A strip or tile: where it lies on the page, and its bytes as they are stored. */
export interface StoredPiece {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly bytes: Buffer;
}

/** TIFF 6.0 sections 3-10, 14, 15; Adobe's technical notes for 7, 8 and 32946. */
export const COMPRESSION = {
  none: 1,
  huffman: 2,
  fax3: 3,
  fax4: 4,
  lzw: 5,
  jpeg: 7,
  deflate: 8,
  oldDeflate: 32946,
  packBits: 32773,
} as const;
