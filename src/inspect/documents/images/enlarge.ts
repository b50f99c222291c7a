import { drawPdf } from '../pdf/draw-pdf.js';
import { toPnm } from './grey-image.js';
import type { StoredPicture } from './stored-picture.js';
import { pictureAsPdf } from './stored-picture-pdf.js';

/** Pixels: the letters of larger pictures are large enough. */
const ENOUGH_PIXELS = 4_000_000;
const MOST = 3;
const LEAST = 1.25;

/**
 * A picture drawn larger, as a portable grey map: the letters of a screenshot are too small to be recognised well.
 * @returns undefined where it is large enough as it is
 * @throws Error where it can't be drawn
 */
export async function enlarged(picture: StoredPicture): Promise<Buffer | undefined> {
  const factor = Math.min(MOST, Math.sqrt(ENOUGH_PIXELS / (picture.width * picture.height)));
  if (factor < LEAST) return undefined;
  return toPnm(await drawPdf(pictureAsPdf(picture, picture.height), factor));
}
