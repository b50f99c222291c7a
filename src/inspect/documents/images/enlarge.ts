import { drawPdf } from '../pdf/draw-pdf.js';
import { toPnm } from './grey-image.js';
import type { StoredPicture } from './stored-picture.js';
import { pictureAsPdf } from './stored-picture-pdf.js';
import { upright } from './turn.js';

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
  const factor = factorOf(picture);
  return factor === undefined
    ? undefined
    : toPnm(await drawPdf(pictureAsPdf(picture, picture.height), factor));
}

/**
 * A picture as programs show it that heed its orientation (Exif 2.32, 0x0112), as a portable grey map; larger, too,
 * where that is better recognised.
 * @throws Error where it can't be drawn
 */
export async function drawnUpright(picture: StoredPicture, orientation: number): Promise<Buffer> {
  const drawn = await drawPdf(pictureAsPdf(picture, picture.height), factorOf(picture) ?? 1);
  return toPnm(upright(drawn, orientation));
}

/** Undefined where it is large enough as it is. */
function factorOf({ width, height }: StoredPicture): number | undefined {
  const factor = Math.min(MOST, Math.sqrt(ENOUGH_PIXELS / (width * height)));
  return factor < LEAST ? undefined : factor;
}
