import type { GreyImage } from '../images/grey-image.js';
import type { ColourImage } from '../preview/write-png.js';
import { type AnnotationLook, readAnnotationLooks } from './annotation-looks.js';
import { type KeptForm, keptForm, withForm } from './form-fields.js';
import type { Paint } from './paint.js';
import { discardPdfium, type Pdfium, pdfium } from './pdfium.js';
import { clipOf, type PageObjects, type Rectangle, readPageObjects, setTextShown } from './pdfium-objects.js';

export interface PdfiumPage {
  /** Points (1/72 inch), as the page is shown. */
  readonly width: number;
  readonly height: number;
  /** The text as PDFium reads it. */
  text(): string;
  /** The same without letters that are invisible or clipped away; undefined where there are none. */
  shownText(): string | undefined;
  /** Whether there are words in a font that doesn't say which characters its glyphs are. */
  hasUnknownGlyphs(): boolean;
  /** @param paint undefined: not known */
  objects(paint: Paint | undefined): PageObjects;
  /** What annotations draw. */
  annotationLooks(paint: Paint | undefined): {
    readonly looks: readonly AnnotationLook[];
    readonly more: boolean;
  };
  /** Where a rectangle of the page's own coordinates lies on the page as shown: points from its left upper corner. */
  shown(rectangle: Rectangle): Rectangle;
  /**
   * Draws a part of the page.
   * @param area points from the left upper corner of the page as shown
   * @param scale pixels for each point
   * @param withText false: everything but the text that can be read from the page
   */
  draw(area: Rectangle, scale: number, withText: boolean): GreyImage;
  /**
   * Draws the whole page as a person sees it.
   * @param scale pixels for each point
   */
  drawInColour(scale: number, most: { readonly maxWidth: number; readonly maxHeight: number }): ColourImage;
}

export interface PdfiumDocument {
  readonly pageCount: number;
  /** The offsets at which the file's revisions end, the first revision first. */
  readonly revisionEnds: readonly number[];
  /** XML of an XFA form. */
  readonly xfaPackets: readonly Buffer[];
  /** There are more of these, or larger ones, than were taken. */
  readonly isCut: boolean;
  /** @throws Error where PDFium can't open the page */
  page<T>(index: number, use: (page: PdfiumPage) => T): T;
  close(): void;
}

export type PdfiumOpening = PdfiumDocument | 'encrypted' | 'damaged';

const FPDF_ERR_PASSWORD = 4;
const FPDF_ANNOT = 0x01;
const FPDF_GRAYSCALE = 0x08;
const FPDF_BITMAP_GRAY = 1;
const FPDF_REVERSE_BYTE_ORDER = 0x10;
const FPDF_BITMAP_BGRX = 3;
/** Of the page's longer side: the height of letters in a headline. */
const LARGEST_GLYPH = 0.1;
const MAX_REVISIONS = 10_000;
const MAX_XFA_PACKETS = 100;
const MAX_XFA_BYTES = 16 * 1024 * 1024;
/** Unknown glyphs in a row that make a word; single ones are bullets and ornaments. */
const UNKNOWN_WORD = 3;

/** Opens a PDF with PDFium, which reads and repairs on its own, as a second opinion beside pdf.js. */
export async function openWithPdfium(bytes: Uint8Array): Promise<PdfiumOpening> {
  const native = await pdfium();
  return guarded(() => open(native, bytes));
}

/** A trap or a lack of memory within PDFium spoils the instance, not the process. */
function guarded<T>(use: () => T): T {
  try {
    return use();
  } catch (error) {
    if (error instanceof Error && error.name === 'RuntimeError') discardPdfium();
    throw error;
  }
}

function open(native: Pdfium, bytes: Uint8Array): PdfiumOpening {
  const data = native.copyIn(bytes);
  const document = native.call('FPDF_LoadMemDocument')(data, bytes.length, 0);
  if (document === 0) {
    const reason = native.call('FPDF_GetLastError')();
    native.free(data);
    return reason === FPDF_ERR_PASSWORD ? 'encrypted' : 'damaged';
  }
  const form = keptForm(native, document);
  const ends = revisionEnds(native, document);
  const forms = xfaPackets(native, document);
  return {
    pageCount: native.call('FPDF_GetPageCount')(document),
    revisionEnds: ends ?? [],
    xfaPackets: forms.packets,
    isCut: ends === undefined || forms.isCut,
    page: (index, use) =>
      guarded(() => {
        const page = native.call('FPDF_LoadPage')(document, index);
        if (page === 0) throw new Error('a page could not be opened');
        try {
          return use(openPage(native, document, form, page));
        } finally {
          native.call('FPDF_ClosePage')(page);
        }
      }),
    close: () =>
      guarded(() => {
        form.end();
        native.call('FPDF_CloseDocument')(document);
        native.free(data);
      }),
  };
}

function openPage(native: Pdfium, document: number, form: KeptForm, page: number): PdfiumPage {
  const width = native.call('FPDF_GetPageWidthF')(page);
  const height = native.call('FPDF_GetPageHeightF')(page);
  return {
    width,
    height,
    text: () => withTextPage(native, page, (text) => pageText(native, text)),
    shownText: () => withTextPage(native, page, (text) => shownText(native, text)),
    hasUnknownGlyphs: () => withTextPage(native, page, (text) => hasUnknownGlyphs(native, text)),
    objects: (paint) => readPageObjects(native, page, Math.max(width, height) * LARGEST_GLYPH, paint),
    annotationLooks: (paint) => readAnnotationLooks(native, form, page, paint),
    shown: (rectangle) => shown(native, page, rectangle, width, height),
    draw: (area, scale, withText) => {
      setTextShown(native, page, withText);
      return draw(native, document, page, { width, height }, area, scale);
    },
    drawInColour: (scale, { maxWidth, maxHeight }) =>
      drawInColour(
        native,
        document,
        page,
        Math.min(maxWidth, Math.max(1, Math.round(width * scale))),
        Math.min(maxHeight, Math.max(1, Math.round(height * scale))),
      ),
  };
}

function withTextPage<T>(native: Pdfium, page: number, use: (textPage: number) => T): T {
  const textPage = native.call('FPDFText_LoadPage')(page);
  if (textPage === 0) throw new Error('the text of a page could not be read');
  try {
    return use(textPage);
  } finally {
    native.call('FPDFText_ClosePage')(textPage);
  }
}

function pageText(native: Pdfium, textPage: number): string {
  const count = native.call('FPDFText_CountChars')(textPage);
  if (count <= 0) return '';
  // UTF-16LE; a character beyond the first plane takes two units, and a zero ends the text.
  const room = (count * 2 + 1) * 2;
  const buffer = native.allocate(room);
  try {
    const units = native.call('FPDFText_GetText')(textPage, 0, count, buffer);
    return native.copyOut(buffer, Math.min(Math.max(0, units - 1) * 2, room)).toString('utf16le');
  } finally {
    native.free(buffer);
  }
}

/** Neither filled nor stroked (ISO 32000-1 table 106): 3, and 7, which only clips. */
const INVISIBLE: ReadonlySet<number> = new Set([3, 7]);
/** Points that a letter may reach over the edge of what is shown. */
const EDGE = 0.5;

function shownText(native: Pdfium, textPage: number): string | undefined {
  const count = native.call('FPDFText_CountChars')(textPage);
  const objectOf = native.call('FPDFText_GetTextObject');
  const unicodeOf = native.call('FPDFText_GetUnicode');
  const boxOf = native.call('FPDFText_GetCharBox');
  const about = new Map<number, { readonly invisible: boolean; readonly clip: Rectangle | undefined }>();
  const box = native.allocate(32);
  const out: string[] = [];
  let hidden = false;
  try {
    for (let index = 0; index < count; index++) {
      const object = objectOf(textPage, index);
      const known = about.get(object) ?? {
        invisible: object !== 0 && INVISIBLE.has(native.call('FPDFTextObj_GetTextRenderMode')(object)),
        clip: object === 0 ? undefined : clipOf(native, object),
      };
      about.set(object, known);
      const point = unicodeOf(textPage, index) >>> 0;
      if (known.invisible || (known.clip !== undefined && isOutside(known.clip, index))) hidden = true;
      else if (point > 0 && point <= 0x10ffff) out.push(String.fromCodePoint(point));
    }
  } finally {
    native.free(box);
  }
  return hidden ? out.join('') : undefined;

  function isOutside(clip: Rectangle, index: number): boolean {
    if (boxOf(textPage, index, box, box + 8, box + 16, box + 24) === 0) return false;
    const at = native.copyOut(box, 32);
    const [left, right, low, high] = [0, 8, 16, 24].map((place) => at.readDoubleLE(place));
    const x = ((left ?? 0) + (right ?? 0)) / 2;
    const y = ((low ?? 0) + (high ?? 0)) / 2;
    return x < clip.left - EDGE || x > clip.right + EDGE || y < clip.top - EDGE || y > clip.bottom + EDGE;
  }
}

function hasUnknownGlyphs(native: Pdfium, textPage: number): boolean {
  const count = native.call('FPDFText_CountChars')(textPage);
  const isUnknown = native.call('FPDFText_HasUnicodeMapError');
  let run = 0;
  for (let index = 0; index < count; index++) {
    run = isUnknown(textPage, index) === 1 ? run + 1 : 0;
    if (run >= UNKNOWN_WORD) return true;
  }
  return false;
}

function shown(native: Pdfium, page: number, rectangle: Rectangle, width: number, height: number): Rectangle {
  // Device units of a hundredth of a point: the function gives whole numbers.
  const unit = 100;
  const place = native.allocate(8);
  try {
    const corners = [
      [rectangle.left, rectangle.top],
      [rectangle.right, rectangle.bottom],
    ].map(([x = 0, y = 0]) => {
      native.call('FPDF_PageToDevice')(
        page,
        0,
        0,
        Math.round(width * unit),
        Math.round(height * unit),
        0,
        x,
        y,
        place,
        place + 4,
      );
      const at = native.copyOut(place, 8);
      return { x: at.readInt32LE(0) / unit, y: at.readInt32LE(4) / unit };
    });
    const xs = corners.map((corner) => corner.x);
    const ys = corners.map((corner) => corner.y);
    return {
      left: Math.max(0, Math.min(...xs)),
      top: Math.max(0, Math.min(...ys)),
      right: Math.min(width, Math.max(...xs)),
      bottom: Math.min(height, Math.max(...ys)),
    };
  } finally {
    native.free(place);
  }
}

function draw(
  native: Pdfium,
  document: number,
  page: number,
  size: { readonly width: number; readonly height: number },
  area: Rectangle,
  scale: number,
): GreyImage {
  const width = Math.max(1, Math.round((area.right - area.left) * scale));
  const height = Math.max(1, Math.round((area.bottom - area.top) * scale));
  const pixels = native.allocate(width * height);
  try {
    const bitmap = native.call('FPDFBitmap_CreateEx')(width, height, FPDF_BITMAP_GRAY, pixels, width);
    if (bitmap === 0) throw new Error('a page could not be drawn');
    try {
      native.call('FPDFBitmap_FillRect')(bitmap, 0, 0, width, height, 0xffffffff);
      const place = [
        -Math.round(area.left * scale),
        -Math.round(area.top * scale),
        Math.round(size.width * scale),
        Math.round(size.height * scale),
        0,
        FPDF_ANNOT | FPDF_GRAYSCALE,
      ] as const;
      native.call('FPDF_RenderPageBitmap')(bitmap, page, ...place);
      withForm(native, document, (form) => native.call('FPDF_FFLDraw')(form, bitmap, page, ...place));
      return { width, height, pixels: native.copyOut(pixels, width * height) };
    } finally {
      native.call('FPDFBitmap_Destroy')(bitmap);
    }
  } finally {
    native.free(pixels);
  }
}

function drawInColour(
  native: Pdfium,
  document: number,
  page: number,
  width: number,
  height: number,
): ColourImage {
  const stride = width * 4;
  const pixels = native.allocate(stride * height);
  try {
    const bitmap = native.call('FPDFBitmap_CreateEx')(width, height, FPDF_BITMAP_BGRX, pixels, stride);
    if (bitmap === 0) throw new Error('a page could not be drawn');
    try {
      native.call('FPDFBitmap_FillRect')(bitmap, 0, 0, width, height, 0xffffffff);
      const flags = FPDF_ANNOT | FPDF_REVERSE_BYTE_ORDER;
      native.call('FPDF_RenderPageBitmap')(bitmap, page, 0, 0, width, height, 0, flags);
      withForm(native, document, (form) =>
        native.call('FPDF_FFLDraw')(form, bitmap, page, 0, 0, width, height, 0, flags),
      );
      return { width, height, pixels: withoutFourth(native.copyOut(pixels, stride * height)) };
    } finally {
      native.call('FPDFBitmap_Destroy')(bitmap);
    }
  } finally {
    native.free(pixels);
  }
}

/** Of four bytes for each pixel the first three. */
function withoutFourth(four: Buffer): Buffer {
  const three = Buffer.alloc((four.length / 4) * 3);
  for (let from = 0, to = 0; from < four.length; from += 4, to += 3) {
    three[to] = four[from] ?? 0;
    three[to + 1] = four[from + 1] ?? 0;
    three[to + 2] = four[from + 2] ?? 0;
  }
  return three;
}

/** Undefined: there are too many. */
function revisionEnds(native: Pdfium, document: number): readonly number[] | undefined {
  const count = native.call('FPDF_GetTrailerEnds')(document, 0, 0);
  if (count > MAX_REVISIONS) return undefined;
  if (count <= 0) return [];
  const buffer = native.allocate(count * 4);
  try {
    native.call('FPDF_GetTrailerEnds')(document, buffer, count);
    const ends = native.copyOut(buffer, count * 4);
    return Array.from({ length: count }, (_, index) => ends.readUInt32LE(index * 4));
  } finally {
    native.free(buffer);
  }
}

/** Those that are taken; `isCut`: there are more, or larger ones. */
function xfaPackets(
  native: Pdfium,
  document: number,
): { readonly packets: readonly Buffer[]; readonly isCut: boolean } {
  const packets: Buffer[] = [];
  const count = native.call('FPDF_GetXFAPacketCount')(document);
  let isCut = count > MAX_XFA_PACKETS;
  for (let index = 0; index < Math.min(count, MAX_XFA_PACKETS); index++) {
    const sizeAt = native.allocate(4);
    native.call('FPDF_GetXFAPacketContent')(document, index, 0, 0, sizeAt);
    const size = native.copyOut(sizeAt, 4).readUInt32LE(0);
    if (size > MAX_XFA_BYTES) isCut = true;
    else if (size > 0) {
      const content = native.allocate(size);
      native.call('FPDF_GetXFAPacketContent')(document, index, content, size, sizeAt);
      packets.push(native.copyOut(content, size));
      native.free(content);
    }
    native.free(sizeAt);
  }
  return { packets, isCut };
}
