import { OBJECT } from './object-kinds.js';
import { isPainted, type Paint } from './paint.js';
import type { Pdfium } from './pdfium.js';

export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What is drawn on a page beside its text, in the page's own coordinates. */
export interface PageObjects {
  /** Images, shadings, and what is shown through masks and by patterns; one by one. */
  readonly pictures: readonly Rectangle[];
  /** Paths that could be letters drawn as outlines. */
  readonly glyphLike: readonly Rectangle[];
  /** Dots per inch of the finest image; 0 where it isn't known. */
  readonly finestDpi: number;
  /** There were more objects than are looked at. */
  readonly more: boolean;
}

const MAX_OBJECTS = 50_000;
const MAX_FORM_DEPTH = 8;
/** A letter drawn as a path has more parts than a rule. */
const LEAST_GLYPH_SEGMENTS = 4;

interface Walk {
  /** Objects that may still be looked at. */
  left: number;
  more: boolean;
}

type Visit = (object: number, kind: number, depth: number) => void;

/**
 * Lists what else than text is drawn on a page.
 * @param largestGlyph points: larger paths are frames, rules and drawings
 */
export function readPageObjects(
  native: Pdfium,
  page: number,
  largestGlyph: number,
  paint: Paint | undefined,
): PageObjects {
  const pictures: Rectangle[] = [];
  const glyphLike: Rectangle[] = [];
  const bounds = native.allocate(16);
  // Objects within a form have coordinates of their own: the place of the outermost form stands for them.
  let outer: Rectangle | undefined;
  const walk: Walk = { left: MAX_OBJECTS, more: false };
  let finestDpi = 0;
  const segments = native.call('FPDFPath_CountSegments');
  try {
    visitObjects(native, ofPage(native, page), walk, (object, kind, depth) => {
      if (kind === OBJECT.text) return;
      const own = boundsOf(native, object, bounds);
      if (depth === 0) outer = own;
      const place = depth === 0 ? own : outer;
      if (place === undefined) return;
      if (kind === OBJECT.image || kind === OBJECT.shading || isPainted(native, object, kind, paint))
        pictures.push(place);
      if (kind === OBJECT.image && depth === 0)
        finestDpi = Math.max(finestDpi, dpiOf(native, object, place, bounds));
      if (
        kind === OBJECT.path &&
        own !== undefined &&
        own.right - own.left <= largestGlyph &&
        own.bottom - own.top <= largestGlyph &&
        isGlyphLike(native, object)
      )
        glyphLike.push(place);
      // One path may hold a whole line of letters.
      else if (kind === OBJECT.path && segments(object) >= 60) glyphLike.push(...Array(10).fill(place));
    });
  } finally {
    native.free(bounds);
  }
  return { pictures, glyphLike, finestDpi, more: walk.more };
}

/** Takes a page's text out of what is drawn, or puts it back. */
export function setTextShown(native: Pdfium, page: number, isShown: boolean): void {
  const setActive = native.call('FPDFPageObj_SetIsActive');
  visitObjects(native, ofPage(native, page), { left: MAX_OBJECTS, more: false }, (object, kind) => {
    if (kind === OBJECT.text) setActive(object, isShown ? 1 : 0);
  });
}

/** Where objects are. */
interface ObjectSource {
  readonly count: number;
  readonly object: (index: number) => number;
}

function ofPage(native: Pdfium, page: number): ObjectSource {
  const objectOfPage = native.call('FPDFPage_GetObject');
  return {
    count: native.call('FPDFPage_CountObjects')(page),
    object: (index) => objectOfPage(page, index),
  };
}

/** Visits all objects, those within forms too, as far as `walk` allows. */
export function visitObjects(native: Pdfium, source: ObjectSource, walk: Walk, visit: Visit): void {
  const kindOf = native.call('FPDFPageObj_GetType');
  const countInForm = native.call('FPDFFormObj_CountObjects');
  const objectInForm = native.call('FPDFFormObj_GetObject');
  const look = (object: number, depth: number): void => {
    if (object === 0) return;
    walk.left -= 1;
    const kind = kindOf(object);
    visit(object, kind, depth);
    if (kind !== OBJECT.form) return;
    if (depth >= MAX_FORM_DEPTH) {
      walk.more = true;
      return;
    }
    each(countInForm(object), (index) => look(objectInForm(object, index), depth + 1));
  };
  const each = (count: number, one: (index: number) => void): void => {
    for (let index = 0; index < count; index++) {
      if (walk.left <= 0) {
        walk.more = true;
        return;
      }
      one(index);
    }
  };
  each(source.count, (index) => look(source.object(index), 0));
}

/** A path with as many parts as a letter has. */
export function isGlyphLike(native: Pdfium, path: number): boolean {
  return native.call('FPDFPath_CountSegments')(path) >= LEAST_GLYPH_SEGMENTS;
}

const MAX_CLIP_SEGMENTS = 1000;

/**
 * A rectangle around where an object may be drawn: the overlap of its clipping paths, in the page's own coordinates as
 * far as the object isn't in a form. Undefined where nothing clips it.
 */
export function clipOf(native: Pdfium, object: number): Rectangle | undefined {
  const path = native.call('FPDFPageObj_GetClipPath')(object);
  if (path === 0) return undefined;
  const paths = native.call('FPDFClipPath_CountPaths')(path);
  const point = native.allocate(8);
  let clip: Rectangle | undefined;
  let left = MAX_CLIP_SEGMENTS;
  try {
    for (let index = 0; index < paths; index++) {
      const xs: number[] = [];
      const ys: number[] = [];
      const segments = native.call('FPDFClipPath_CountPathSegments')(path, index);
      for (let at = 0; at < segments; at++) {
        left -= 1;
        if (left < 0) return clip;
        const segment = native.call('FPDFClipPath_GetPathSegment')(path, index, at);
        if (segment === 0 || native.call('FPDFPathSegment_GetPoint')(segment, point, point + 4) === 0)
          continue;
        const place = native.copyOut(point, 8);
        xs.push(place.readFloatLE(0));
        ys.push(place.readFloatLE(4));
      }
      if (xs.length === 0) continue;
      clip = {
        left: Math.max(clip?.left ?? -Infinity, Math.min(...xs)),
        top: Math.max(clip?.top ?? -Infinity, Math.min(...ys)),
        right: Math.min(clip?.right ?? Infinity, Math.max(...xs)),
        bottom: Math.min(clip?.bottom ?? Infinity, Math.max(...ys)),
      };
    }
  } finally {
    native.free(point);
  }
  return clip;
}

function dpiOf(native: Pdfium, image: number, place: Rectangle, buffer: number): number {
  if (native.call('FPDFImageObj_GetImagePixelSize')(image, buffer, buffer + 4) === 0) return 0;
  const at = native.copyOut(buffer, 8);
  // Turned by a right angle, width and height change places: the longer side goes with the longer one.
  const pixels = Math.max(at.readUInt32LE(0), at.readUInt32LE(4));
  const inches = Math.max(place.right - place.left, place.bottom - place.top) / 72;
  return inches > 0 ? pixels / inches : 0;
}

function boundsOf(native: Pdfium, object: number, buffer: number): Rectangle | undefined {
  const found = native.call('FPDFPageObj_GetBounds')(object, buffer, buffer + 4, buffer + 8, buffer + 12);
  if (found === 0) return undefined;
  // PDF coordinates grow upwards; here the smaller one is called top, and `shown` turns them round.
  return rectangleAt(native, buffer);
}

/** Four numbers that PDFium has put into its memory; which of top and bottom is the smaller depends on who did. */
export function rectangleAt(native: Pdfium, buffer: number): Rectangle {
  const at = native.copyOut(buffer, 16);
  return {
    left: at.readFloatLE(0),
    top: at.readFloatLE(4),
    right: at.readFloatLE(8),
    bottom: at.readFloatLE(12),
  };
}
