import type { KeptForm } from './form-fields.js';
import { OBJECT } from './object-kinds.js';
import { isPainted, type Paint } from './paint.js';
import type { Pdfium } from './pdfium.js';
import { isGlyphLike, type Rectangle, rectangleAt, visitObjects } from './pdfium-objects.js';

/** What an annotation draws that may be words (ISO 32000-1 12.5.5), whatever else is known of it. */
export interface AnnotationLook {
  /** In the page's own coordinates. */
  readonly place: Rectangle;
  /** Something else than text: images, shadings, letters as outlines. */
  readonly pictures: boolean;
  /** PDFium doesn't draw it, but others do, or do so on paper. */
  readonly undrawn: boolean;
}

const POPUP = 16;
const WIDGET = 20;
const HIDDEN = 1 << 1;
const PRINT = 1 << 2;
const NO_VIEW = 1 << 5;
const MAX_ANNOTATIONS = 10_000;
const MAX_OBJECTS = 10_000;
/** Fewer outlines than that in one annotation are frames, ticks and marks. */
const LEAST_GLYPHS = 10;
/** Ticks, crosses and bullets of fields, in the font of that name which every reader has. */
const DINGBATS = 'ZapfDingbats';

interface Looked {
  readonly look: AnnotationLook;
  /** PDFium draws it only where it belongs to a form. */
  readonly isWidget: boolean;
}

/** The annotations of a page whose looks hold text or pictures; `more`: there are more than are looked at. */
export function readAnnotationLooks(
  native: Pdfium,
  form: KeptForm,
  page: number,
  paint: Paint | undefined,
): { readonly looks: readonly AnnotationLook[]; readonly more: boolean } {
  const walk = { left: MAX_OBJECTS, more: false };
  const count = native.call('FPDFPage_GetAnnotCount')(page);
  const found: { readonly index: number; readonly look: Looked }[] = [];
  for (let index = 0; index < Math.min(count, MAX_ANNOTATIONS); index++) {
    const look = withAnnotation(native, page, index, (annotation) => lookOf(native, annotation, walk, paint));
    if (look !== undefined) found.push({ index, look });
  }
  const widgets = found.filter(({ look }) => look.isWidget).map(({ index }) => index);
  const fields = widgets.length === 0 ? NONE : fieldsAmong(native, form, page, widgets);
  const looks = found.map(({ index, look: { look, isWidget } }) =>
    isWidget && !fields.has(index) ? { ...look, undrawn: true } : look,
  );
  return { looks, more: walk.more || count > MAX_ANNOTATIONS };
}

function withAnnotation<T>(
  native: Pdfium,
  page: number,
  index: number,
  use: (annotation: number) => T,
): T | undefined {
  const annotation = native.call('FPDFPage_GetAnnot')(page, index);
  if (annotation === 0) return undefined;
  try {
    return use(annotation);
  } finally {
    native.call('FPDFPage_CloseAnnot')(annotation);
  }
}

function lookOf(
  native: Pdfium,
  annotation: number,
  walk: { left: number; more: boolean },
  paint: Paint | undefined,
): Looked | undefined {
  const flags = native.call('FPDFAnnot_GetFlags')(annotation);
  const subtype = native.call('FPDFAnnot_GetSubtype')(annotation);
  // Whoever hides one shows it neither on the screen nor on paper; what pops up is words that are read elsewhere.
  if ((flags & HIDDEN) !== 0 || subtype === POPUP) return undefined;
  let words = false;
  let pictures = false;
  let outlines = 0;
  const source = {
    count: native.call('FPDFAnnot_GetObjectCount')(annotation),
    object: (index: number) => native.call('FPDFAnnot_GetObject')(annotation, index),
  };
  visitObjects(native, source, walk, (object, kind) => {
    if (kind === OBJECT.text) words ||= !isDingbat(native, object);
    else if (kind === OBJECT.image || kind === OBJECT.shading || isPainted(native, object, kind, paint))
      pictures = true;
    else if (kind === OBJECT.path && isGlyphLike(native, object)) outlines += 1;
  });
  pictures ||= outlines >= LEAST_GLYPHS;
  const place = words || pictures ? placeOf(native, annotation) : undefined;
  if (place === undefined) return undefined;
  const undrawn = (flags & NO_VIEW) !== 0 && (flags & PRINT) !== 0;
  return { look: { place, pictures, undrawn }, isWidget: subtype === WIDGET };
}

const NONE: ReadonlySet<number> = new Set();

/** Those of some annotations that are fields of the document's form. */
function fieldsAmong(
  native: Pdfium,
  form: KeptForm,
  page: number,
  widgets: readonly number[],
): ReadonlySet<number> {
  const handle = form.handle();
  if (handle === undefined) return NONE;
  const fields = widgets.filter((index) => {
    const type = withAnnotation(native, page, index, (annotation) =>
      native.call('FPDFAnnot_GetFormFieldType')(handle, annotation),
    );
    return type !== undefined && type >= 0;
  });
  return new Set(fields);
}

/** A font that is embedded may draw anything under that name. */
function isDingbat(native: Pdfium, text: number): boolean {
  const font = native.call('FPDFTextObj_GetFont')(text);
  if (font === 0 || native.call('FPDFFont_GetIsEmbedded')(font) === 1) return false;
  const room = DINGBATS.length + 1;
  const buffer = native.allocate(room);
  try {
    const length = native.call('FPDFFont_GetBaseFontName')(font, buffer, room);
    return length === room && native.copyOut(buffer, DINGBATS.length).toString('latin1') === DINGBATS;
  } finally {
    native.free(buffer);
  }
}

function placeOf(native: Pdfium, annotation: number): Rectangle | undefined {
  const buffer = native.allocate(16);
  try {
    if (native.call('FPDFAnnot_GetRect')(annotation, buffer) === 0) return undefined;
    return rectangleAt(native, buffer);
  } finally {
    native.free(buffer);
  }
}
