import type { Rectangle } from './pdfium-objects.js';

/** Dots per inch at which ordinary print is recognised well. */
const PLAIN_DPI = 200;
/** Below this nothing is recognised, unless the picture itself is no finer. */
const COARSEST_DPI = 100;
/** A page smaller than paper is shown larger: so many pixels along its longer side make its words readable. */
const PAGE_PIXELS = 1650;
/** Pixels up to which drawing finer than print is worth its time: a page of A4 at `PLAIN_DPI`. */
const FINE_PIXELS = 4_000_000;
/** Pixels: what is lower, narrower or smaller can't hold a word. */
const LEAST_SIDE = 10;
const LEAST_AREA = 1600;
const POINTS_PER_INCH = 72;

/** What of a page isn't text that can be read, in points of the page as shown. */
export interface Pictures {
  readonly images: readonly Rectangle[];
  readonly glyphLike: readonly Rectangle[];
  /** Dots per inch at which nothing is lost. */
  readonly dpi: number;
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
  const width = ((area.right - area.left) / POINTS_PER_INCH) * pictures.dpi;
  const height = ((area.bottom - area.top) / POINTS_PER_INCH) * pictures.dpi;
  return Math.min(width, height) >= LEAST_SIDE && width * height >= LEAST_AREA ? area : undefined;
}

/** Dots per inch at which nothing of a page is lost. Pure. */
export function neededDpi(
  page: { readonly width: number; readonly height: number },
  finestImageDpi: number,
): number {
  const inches = Math.max(page.width, page.height) / POINTS_PER_INCH;
  return Math.max(PLAIN_DPI, finestImageDpi, inches > 0 ? PAGE_PIXELS / inches : 0);
}

/**
 * Pixels for each point at which to draw an area.
 * @param dpi at which nothing is lost
 * @param finestImageDpi 0: not known, or there is more than images
 * @returns undefined where the area doesn't fit into `maxPixels` at a resolution that can be read. Pure.
 */
export function drawingScale(
  area: Rectangle,
  dpi: number,
  finestImageDpi: number,
  maxPixels: number,
): number | undefined {
  const squareInches = ((area.right - area.left) * (area.bottom - area.top)) / POINTS_PER_INCH ** 2;
  const dpiFor = (pixels: number): number => Math.sqrt(pixels / squareInches);
  const chosen = Math.min(Math.max(PLAIN_DPI, Math.min(dpi, dpiFor(FINE_PIXELS))), dpiFor(maxPixels));
  const coarsest = finestImageDpi > 0 ? Math.min(COARSEST_DPI, finestImageDpi) : COARSEST_DPI;
  return chosen < coarsest ? undefined : chosen / POINTS_PER_INCH;
}
