import { fromPnm, type GreyImage, toPnm } from './grey-image.js';
import { writeChunk } from './png-chunk.js';
import { withMark } from './webp-chunks.js';

/** Exif's numbers for what must be turned clockwise by quarters to stand upright. */
const ORIENTATION = { 1: 6, 2: 3, 3: 8 } as const;

/**
 * An image turned clockwise by quarters. Grey maps are turned; a PNG, JPEG or WebP is told to be turned, by an orientation at
 * its very start, where tesseract.js looks for one before any that the image has.
 * @returns undefined for other kinds
 */
export function turnImage(bytes: Buffer, quarters: 1 | 2 | 3): Buffer | undefined {
  const grey = fromPnm(bytes);
  if (grey !== undefined) return toPnm(turnGrey(grey, quarters));
  const mark = Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, ORIENTATION[quarters]]);
  if (bytes[0] === 0x89 && bytes.length > 33) {
    // Behind the signature and IHDR: a private chunk that decoders skip.
    return Buffer.concat([bytes.subarray(0, 33), writeChunk('tuRn', mark), bytes.subarray(33)]);
  }
  if (bytes[0] === 0xff && bytes[1] === 0xd8) {
    const comment = Buffer.from([0xff, 0xfe, 0, mark.length + 2]);
    return Buffer.concat([bytes.subarray(0, 2), comment, mark, bytes.subarray(2)]);
  }
  if (bytes.toString('latin1', 8, 12) === 'WEBP') return withMark(bytes, mark);
  return undefined;
}

/** Quarters clockwise for each of Exif's numbers, and whether left and right change places before (Exif 2.32, 0x0112). */
const UPRIGHT: Readonly<Record<number, { readonly mirrored: boolean; readonly quarters: 0 | 1 | 2 | 3 }>> = {
  2: { mirrored: true, quarters: 0 },
  3: { mirrored: false, quarters: 2 },
  4: { mirrored: true, quarters: 2 },
  5: { mirrored: true, quarters: 3 },
  6: { mirrored: false, quarters: 1 },
  7: { mirrored: true, quarters: 1 },
  8: { mirrored: false, quarters: 3 },
};

/** Whether a picture of that orientation is stored in another way than it is shown. */
export function isOrientation(orientation: number): boolean {
  return UPRIGHT[orientation] !== undefined;
}

/** Quarters by which a picture is turned clockwise to be shown, and whether left and right change places before. */
export function showing(orientation: number): {
  readonly mirrored: boolean;
  readonly quarters: 0 | 1 | 2 | 3;
} {
  return UPRIGHT[orientation] ?? { mirrored: false, quarters: 0 };
}

/** Whether a picture of that orientation is stored as in a mirror. */
export function isMirrored(orientation: number): boolean {
  return UPRIGHT[orientation]?.mirrored === true;
}

/** A picture as programs show it that was stored with that orientation. */
export function upright(image: GreyImage, orientation: number): GreyImage {
  const how = UPRIGHT[orientation];
  if (how === undefined) return image;
  const seen = how.mirrored ? mirrorGrey(image) : image;
  return how.quarters === 0 ? seen : turnGrey(seen, how.quarters);
}

function mirrorGrey({ width, height, pixels }: GreyImage): GreyImage {
  const mirrored = Buffer.from(pixels);
  for (let y = 0; y < height; y++) mirrored.subarray(y * width, (y + 1) * width).reverse();
  return { width, height, pixels: mirrored };
}

function turnGrey({ width, height, pixels }: GreyImage, quarters: 1 | 2 | 3): GreyImage {
  const turned = Buffer.alloc(pixels.length);
  const sideways = quarters !== 2;
  const turnedWidth = sideways ? height : width;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const pixel = pixels[y * width + x] ?? 0;
      if (quarters === 1) turned[x * turnedWidth + (height - 1 - y)] = pixel;
      else if (quarters === 2) turned[(height - 1 - y) * turnedWidth + (width - 1 - x)] = pixel;
      else turned[(width - 1 - x) * turnedWidth + y] = pixel;
    }
  }
  return { width: turnedWidth, height: sideways ? width : height, pixels: turned };
}
