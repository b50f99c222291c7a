import { KINDS } from '../kinds.js';
import type { FormatReader } from '../types.js';
import { parseBmp } from './bmp.js';
import { readDicom } from './dicom.js';
import { parseGif } from './gif.js';
import { parseJpeg } from './jpeg.js';
import { parsePng } from './png.js';
import { imageReader } from './read-image.js';
import { parseTiff } from './tiff.js';
import { parseWebp } from './webp.js';

/** Readers of images by the media type that the bytes are. */
export const READERS: Readonly<Record<string, FormatReader>> = {
  [KINDS.png]: imageReader(parsePng),
  [KINDS.jpeg]: imageReader(parseJpeg),
  [KINDS.gif]: imageReader(parseGif),
  [KINDS.tiff]: imageReader(parseTiff),
  [KINDS.webp]: imageReader(parseWebp),
  [KINDS.bmp]: imageReader(parseBmp),
  [KINDS.dicom]: readDicom,
};
