import { drawPdf } from '../pdf/draw-pdf.js';
import { TooLarge } from '../types.js';
import { readExifOf, textsOf } from './exif.js';
import { toPnm } from './grey-image.js';
import type { Frame, ImageFacts } from './image-facts.js';
import { pictureAsPdf } from './stored-picture-pdf.js';
import { readIfd, type TiffDirectory, type TiffSource, tiffSource } from './tiff-directory.js';
import { type TiffPage, tiffPage } from './tiff-page.js';
import { upright } from './turn.js';

const SUB_DIRECTORIES = 330;
const MAX_DIRECTORIES = 10_000;

/**
 * TIFF 6.0, as faxes and scanners write it. PDF stores pictures in the same ways (ISO 32000-1 7.4), so each page is
 * put into a PDF as it is and drawn by PDFium.
 */
export function parseTiff(bytes: Buffer): ImageFacts {
  const source = tiffSource(bytes);
  if (source === undefined) throw new Error('not a TIFF');
  const directories = allDirectories(source);
  const pages = directories.map((directory) => tiffPage(source, directory));
  const frames: Frame[] = [];
  let unsupported = false;
  let end = 8;
  for (const [index, page] of pages.entries()) {
    end = Math.max(end, directories[index]?.end ?? 0, page?.end ?? 0);
    if (page === undefined) unsupported = true;
    else
      frames.push({
        width: page.width,
        height: page.height,
        image: async () => toPnm(upright(await drawPdf(asPdf(page), 1), page.orientation)),
        asPdf: () => asPdf(page),
      });
  }
  if (directories.length === 0) throw new Error('a TIFF without pages');
  const lines: string[] = [];
  for (const { entries } of directories) {
    const exif = readExifOf(source, entries);
    for (const line of [...textsOf(source, entries), ...exif.lines]) lines.push(line);
    end = Math.max(end, exif.end);
  }
  return {
    width: Math.max(1, ...frames.map((frame) => frame.width)),
    height: Math.max(1, ...frames.map((frame) => frame.height)),
    frames,
    texts: lines.length === 0 ? [] : [{ view: 'metadata', text: lines.join('\n') }],
    end: unsupported ? bytes.length : Math.min(end + (end & 1), bytes.length),
    ...(unsupported && { unsupported: true as const }),
    ...(end > bytes.length && { cutOff: true as const }),
  };
}

/** @throws TooLarge */
function allDirectories(source: TiffSource): readonly TiffDirectory[] {
  const found: TiffDirectory[] = [];
  // Each but once, and in order of its first mention: a set goes on with what is added to it.
  const waiting = new Set([source.firstIfd]);
  for (const at of waiting) {
    if (at === 0) continue;
    if (found.length >= MAX_DIRECTORIES) throw new TooLarge('a TIFF has too many directories');
    const directory = readIfd(source, at);
    if (directory === undefined) throw new Error('a damaged directory');
    found.push(directory);
    waiting.add(directory.next);
    for (const entry of directory.entries)
      if (entry.tag === SUB_DIRECTORIES) for (const offset of entry.numbers()) waiting.add(offset);
  }
  return found;
}

function asPdf(page: TiffPage): Buffer {
  // Fax machines' pixels aren't square: half of the lines are left out in their coarse mode.
  return pictureAsPdf(page, Math.round(page.height * page.stretch));
}
