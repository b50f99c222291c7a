import { parseBmp } from '../images/bmp.js';
import { parseGif } from '../images/gif.js';
import type { Frame, ImageFacts, ImageParser } from '../images/image-facts.js';
import { parseJpeg } from '../images/jpeg.js';
import { parsePng } from '../images/png.js';
import { pictureAsPdf } from '../images/stored-picture-pdf.js';
import { parseTiff } from '../images/tiff.js';
import { parseWebp } from '../images/webp.js';
import { KINDS } from '../kinds.js';
import { kindOf } from '../kinds-sniff.js';
import { openWithPdfium, type PdfiumDocument } from '../pdf/pdfium-document.js';
import { type DocumentLimits, TooLarge } from '../types.js';
import type { Preview, PreviewWish } from './preview.js';
import { writePng } from './write-png.js';

/** Points of a page's side beyond which PDFium's numbers run over. */
const MAX_POINTS = 1e6;
/** Pixels for each point of a small page; more would only blur. */
const MAX_SCALE = 4;

const PARSERS: Readonly<Record<string, ImageParser>> = {
  [KINDS.png]: parsePng,
  [KINDS.jpeg]: parseJpeg,
  [KINDS.gif]: parseGif,
  [KINDS.tiff]: parseTiff,
  [KINDS.webp]: parseWebp,
  [KINDS.bmp]: parseBmp,
};

/**
 * Draws one page of a PDF, PNG, JPEG, GIF, TIFF, WebP or BMP; which of them it is, the bytes say. Never rejects for what
 * is in the document.
 * @param decode gives an image that isn't read here as PNG
 */
export async function drawPreview(
  bytes: Buffer,
  wish: PreviewWish,
  limits: Pick<DocumentLimits, 'maxPages' | 'maxPixels'>,
  decode: (image: Buffer) => Promise<Buffer>,
): Promise<Preview> {
  const kind = kindOf(bytes);
  const parse = kind !== undefined && Object.hasOwn(PARSERS, kind) ? PARSERS[kind] : undefined;
  try {
    if (kind === KINDS.pdf) return await drawPage(bytes, wish, limits.maxPages, MAX_SCALE);
    if (parse === undefined) return { status: 'unsupported' };
    return await drawImage(parse(bytes), wish, limits, decode);
  } catch (error) {
    return { status: error instanceof TooLarge ? 'too-large' : 'corrupt' };
  }
}

async function drawPage(
  pdf: Buffer,
  wish: PreviewWish,
  maxPages: number,
  maxScale: number,
): Promise<Preview> {
  const document = await openWithPdfium(pdf);
  if (typeof document === 'string') return { status: document === 'encrypted' ? 'encrypted' : 'corrupt' };
  try {
    return pageOf(document, wish, maxPages, maxScale);
  } finally {
    document.close();
  }
}

function pageOf(document: PdfiumDocument, wish: PreviewWish, maxPages: number, maxScale: number): Preview {
  const pages = Math.min(document.pageCount, maxPages);
  if (wish.page >= pages) return { status: 'no-page' };
  return document.page(wish.page, (page) => {
    const isSound = (side: number) => side > 0 && side <= MAX_POINTS;
    if (!isSound(page.width) || !isSound(page.height)) return { status: 'too-large' };
    const scale = Math.min(wish.maxWidth / page.width, wish.maxHeight / page.height, maxScale);
    const image = page.drawInColour(scale, wish);
    return { status: 'drawn', png: writePng(image), width: image.width, height: image.height, pages };
  });
}

async function drawImage(
  facts: ImageFacts,
  wish: PreviewWish,
  { maxPages, maxPixels }: Pick<DocumentLimits, 'maxPages' | 'maxPixels'>,
  decode: (image: Buffer) => Promise<Buffer>,
): Promise<Preview> {
  const frames = facts.frames.filter(({ again }) => again !== true);
  const pages = Math.min(frames.length, maxPages);
  const frame = frames[wish.page];
  if (facts.unsupported === true && frames.length === 0) return { status: 'unsupported' };
  if (frame === undefined || wish.page >= pages) return { status: 'no-page' };
  const isTooLarge = (one: { readonly width: number; readonly height: number }) =>
    one.width * one.height > maxPixels;
  if (isTooLarge(frame) || isTooLarge(facts)) return { status: 'too-large' };
  // A decoder of its own draws what is seen; the recogniser's would show what lies hidden behind transparency.
  if (facts.unsupported === true && frame.asPdf === undefined && frame.stored === undefined)
    return { status: 'unsupported' };
  const drawn = await drawPage(await asPdf(frame, maxPixels, decode), { ...wish, page: 0 }, 1, 1);
  return drawn.status === 'drawn' ? { ...drawn, pages } : drawn;
}

/** The picture as the only page of a PDF, a point for each pixel, so that PDFium draws all kinds alike. */
async function asPdf(
  frame: Frame,
  maxPixels: number,
  decode: (image: Buffer) => Promise<Buffer>,
): Promise<Buffer> {
  if (frame.asPdf !== undefined) return frame.asPdf();
  if (frame.stored !== undefined) return pictureAsPdf(frame.stored, frame.stored.height);
  const [picture] = parsePng(await decode(await frame.image())).frames;
  if (picture?.stored === undefined) throw new Error('a decoder that gave no picture');
  if (picture.width * picture.height > maxPixels) throw new TooLarge('more pixels than were declared');
  return pictureAsPdf(picture.stored, picture.stored.height);
}
