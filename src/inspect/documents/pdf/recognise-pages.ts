import { isPlain, toPnm } from '../images/grey-image.js';
import type { DocumentLimits, ReaderContext } from '../types.js';
import { drawingScale } from './page-pictures.js';
import type { PdfiumDocument } from './pdfium-document.js';
import type { Rectangle } from './pdfium-objects.js';

/** A part of a page whose text can only be seen. */
export interface PageToRecognise {
  /** From 0. */
  readonly index: number;
  /** Points of the page as shown. */
  readonly area: Rectangle;
  /** Dots per inch at which nothing is lost. */
  readonly dpi: number;
  /** 0: there is more than images. */
  readonly finestImageDpi: number;
  /** The page's text is drawn too, because what its characters are isn't known. */
  readonly withText: boolean;
}

export interface RecognisedPages {
  readonly texts: readonly string[];
  /** Absent: all were recognised. */
  readonly unread?: 'too-large' | 'timed-out';
}

/** Draws the pages and recognises their text, at most `limits.maxPages`. */
export async function recognisePages(
  document: PdfiumDocument,
  pages: readonly PageToRecognise[],
  limits: DocumentLimits,
  ocr: NonNullable<ReaderContext['ocr']>,
): Promise<RecognisedPages> {
  const texts: string[] = [];
  let unread: RecognisedPages['unread'] = pages.length > limits.maxPages ? 'too-large' : undefined;
  for (const page of pages.slice(0, limits.maxPages)) {
    const scale = drawingScale(page.area, page.dpi, page.finestImageDpi, limits.maxPixels);
    if (scale === undefined) {
      unread = 'too-large';
      continue;
    }
    const image = document.page(page.index, (open) => open.draw(page.area, scale, page.withText));
    if (isPlain(image)) continue;
    const result = await ocr({ bytes: toPnm(image) });
    // The pages after it would be late too.
    if (result.status === 'timed-out') return { texts, unread: 'timed-out' };
    if (result.text.trim() !== '') texts.push(result.text);
  }
  return { texts, ...(unread && { unread }) };
}
