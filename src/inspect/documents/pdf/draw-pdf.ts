import type { GreyImage } from '../images/grey-image.js';
import { openWithPdfium } from './pdfium-document.js';

/**
 * The first page of a PDF as a picture.
 * @param scale pixels for each point
 * @throws Error where it can't be drawn
 */
export async function drawPdf(bytes: Buffer, scale: number): Promise<GreyImage> {
  const document = await openWithPdfium(bytes);
  if (typeof document === 'string') throw new Error('a page could not be drawn');
  try {
    return document.page(0, (page) =>
      page.draw({ left: 0, top: 0, right: page.width, bottom: page.height }, scale, true),
    );
  } finally {
    document.close();
  }
}
