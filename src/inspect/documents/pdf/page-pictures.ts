import type { Rectangle } from './pdfium-objects.js';

/** Dots per inch at which ordinary print is recognised well. */
const PLAIN_DPI = 200;
/** Small pictures are drawn as fine as they are, up to this. */
const FINEST_DPI = 600;
/** Below this nothing is recognised. */
const COARSEST_DPI = 100;
/** Pixels up to which a finer drawing is worth its time: a page of A4 at `PLAIN_DPI`. */
const FINE_PIXELS = 4_000_000;
/** Points: what is lower, narrower or smaller can't hold a word. */
const LEAST_SIDE = 4;
const LEAST_AREA = 200;
const POINTS_PER_INCH = 72;

/** What of a page isn't text that can be read, in points of the page as shown. */
export interface Pictures {
  readonly images: readonly Rectangle[];
  readonly glyphLike: readonly Rectangle[];
}

/** Paths like letters from which on they are taken for words: fewer are bullets, ticks and marks. */
const LEAST_GLYPHS = 10;

/** The part of a page that must be recognised from its looks; undefined: none. Pure. */
export function pictureArea(pictures: Pictures): Rectangle | undefined {
  const glyphs = pictures.glyphLike.length >= LEAST_GLYPHS ? pictures.glyphLike : [];
  const all = [...pictures.images, ...glyphs].filter((one) => one.right > one.left && one.bottom > one.top);
  let area = all[0];
  if (area === undefined) return undefined;
  for (const one of all) {
    area = {
      left: Math.min(area.left, one.left),
      top: Math.min(area.top, one.top),
      right: Math.max(area.right, one.right),
      bottom: Math.max(area.bottom, one.bottom),
    };
  }
  const width = area.right - area.left;
  const height = area.bottom - area.top;
  return Math.min(width, height) >= LEAST_SIDE && width * height >= LEAST_AREA ? area : undefined;
}

/**
 * Pixels for each point at which to draw an area.
 * @returns undefined where the area doesn't fit into `maxPixels` at a resolution that can be read
 */
export function drawingScale(area: Rectangle, finestDpi: number, maxPixels: number): number | undefined {
  const squareInches = ((area.right - area.left) * (area.bottom - area.top)) / POINTS_PER_INCH ** 2;
  const dpiFor = (pixels: number): number => Math.sqrt(pixels / squareInches);
  const fine = Math.min(finestDpi, FINEST_DPI, dpiFor(FINE_PIXELS));
  const dpi = Math.min(Math.max(PLAIN_DPI, fine), dpiFor(maxPixels));
  return dpi < COARSEST_DPI ? undefined : dpi / POINTS_PER_INCH;
}
