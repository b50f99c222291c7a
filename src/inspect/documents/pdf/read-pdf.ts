import { createHash } from 'node:crypto';
import type { LeafText } from '../../leaf.js';
import {
  type ChildContent,
  type DocumentInput,
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../types.js';
import { xmlText, xmpText } from '../xmp.js';
import { readOlderRevisions } from './older-revisions.js';
import { neededDpi, pictureArea } from './page-pictures.js';
import { openWithPdfium, type PdfiumDocument, type PdfiumPage } from './pdfium-document.js';
import type { Rectangle } from './pdfium-objects.js';
import { readDocumentExtras, readPageExtras, readPageText } from './pdfjs-content.js';
import { openWithPdfjs, type PdfjsDocument } from './pdfjs-document.js';
import { readRawStreams } from './raw-streams.js';
import { type PageToRecognise, recognisePages } from './recognise-pages.js';

/** Pages whose text layer is read. */
const MAX_TEXT_PAGES = 5000;

/** What has been found so far; it is kept where a limit ends the reading. */
interface Findings {
  readonly texts: LeafText[];
  readonly children: ChildContent[];
  readonly toRecognise: PageToRecognise[];
  damaged: boolean;
  tooLarge: boolean;
  /** There are pictures in a layer that can't be shown. */
  hiddenPictures: boolean;
  unread?: 'too-large' | 'timed-out';
  needsOcr: boolean;
}

/**
 * Reads a PDF with two readers, pdf.js and PDFium, which understand damaged files differently: the text of both is
 * given. What is drawn beside the text is recognised, where the context has OCR.
 */
export async function readPdf(input: DocumentInput, context: ReaderContext): Promise<FormatResult> {
  const found: Findings = {
    texts: [],
    children: [],
    toRecognise: [],
    damaged: false,
    tooLarge: false,
    hiddenPictures: false,
    needsOcr: false,
  };
  try {
    if ((await readInto(input.bytes, context, found)) === 'encrypted') {
      return { status: 'encrypted', texts: [], children: [], oddities: [] };
    }
  } catch (error) {
    if (!(error instanceof TooLarge)) throw error;
    found.tooLarge = true;
  }
  return {
    status: statusOf(found),
    texts: found.texts,
    children: found.children,
    oddities: [],
    ...(found.needsOcr && { needsOcr: true as const }),
  };
}

function statusOf(found: Findings): FormatResult['status'] {
  if (found.damaged) return 'corrupt';
  if (found.tooLarge) return 'too-large';
  if (found.unread !== undefined) return found.unread;
  if (found.hiddenPictures || found.needsOcr) return 'unsupported';
  return found.texts.some((one) => PAGE_VIEWS.has(one.view)) ? 'read' : 'no-text';
}

/** Views that hold words of the document itself, and not those about it. */
const PAGE_VIEWS: ReadonlySet<string> = new Set([
  'text',
  'rows',
  'content',
  'second-reader',
  'ocr',
  'fields',
  'annotations',
  'xfa',
  'older',
]);

async function readInto(
  bytes: Buffer,
  context: ReaderContext,
  found: Findings,
): Promise<'encrypted' | undefined> {
  // In an encrypted file the streams can't be told from damaged ones.
  const raw = bytes.includes('/Encrypt') ? undefined : await readRawStreams(bytes, context.budget);
  found.damaged ||= raw?.damaged === true;
  const document = await openWithPdfjs(bytes);
  if (document === 'encrypted') return 'encrypted';
  const files: ChildContent[] = [];
  try {
    let shownBytes = bytes;
    if (document === 'damaged') found.damaged = true;
    else {
      const extras = await readDocumentExtras(document);
      for (const text of extras.texts) take(text, context, found);
      files.push(...extras.files);
      if (extras.hasHiddenLayers) shownBytes = withAllLayers(bytes) ?? bytes;
      found.hiddenPictures = extras.hasHiddenLayers && shownBytes === bytes;
    }
    const second = await openSecond(shownBytes);
    if (second === 'damaged' || second === 'encrypted') found.damaged = true;
    const pdfium = typeof second === 'string' ? undefined : second;
    try {
      const readable = document === 'damaged' ? undefined : document;
      await readPages(readable, pdfium, context, found, files);
      if (found.toRecognise.length === 0) found.hiddenPictures = false;
      for (const xfa of pdfium?.xfaPackets ?? [])
        take({ view: 'xfa', text: xmlText(xfa.toString()) }, context, found);
      takeXml(raw?.xml ?? [], context, found);
      if (pdfium !== undefined) {
        const older = await readOlderRevisions(bytes, pdfium.revisionEnds, MAX_TEXT_PAGES);
        if (!older.all) found.unread = 'too-large';
        take({ view: 'older', text: older.texts.join('\n') }, context, found);
        await recognise(pdfium, context, found);
      }
    } finally {
      pdfium?.close();
    }
  } finally {
    if (document !== 'damaged') await document.destroy();
    takeFiles(files, raw?.embedded ?? [], context, found);
  }
  return undefined;
}

async function openSecond(bytes: Buffer): ReturnType<typeof openWithPdfium> {
  try {
    return await openWithPdfium(bytes);
  } catch {
    // A trap within PDFium: the document counts as damaged.
    return 'damaged';
  }
}

/** Renames the entry that hides layers, so that all are shown; undefined where it is in a compressed place. */
function withAllLayers(bytes: Buffer): Buffer | undefined {
  const name = '/OCProperties';
  if (!bytes.includes(name)) return undefined;
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(name); at >= 0; at = copy.indexOf(name, at)) copy.write('/XX', at, 'latin1');
  return copy;
}

async function readPages(
  document: PdfjsDocument | undefined,
  pdfium: PdfiumDocument | undefined,
  context: ReaderContext,
  found: Findings,
  files: ChildContent[],
): Promise<void> {
  const pages = Math.max(document?.numPages ?? 0, pdfium?.pageCount ?? 0);
  const texts = { text: [] as string[], rows: [] as string[], content: [] as string[] };
  const second: string[] = [];
  const notes = { annotations: [] as string[], scripts: [] as string[], alternatives: [] as string[] };
  const isTagged = (await document?.getMarkInfo()) != null;
  if (pages > MAX_TEXT_PAGES) found.tooLarge = true;
  try {
    for (let index = 0; index < Math.min(pages, MAX_TEXT_PAGES); index++) {
      let drawn: readonly (readonly number[])[] = [];
      let content = '';
      try {
        const page = await document?.getPage(index + 1);
        if (page !== undefined) {
          const joined = await readPageText(page);
          const extras = await readPageExtras(page, isTagged);
          page.cleanup();
          content = joined.content;
          context.budget.takeText(joined.reading.length);
          texts.text.push(joined.reading);
          texts.rows.push(joined.rows);
          texts.content.push(content);
          notes.annotations.push(...extras.annotations);
          notes.scripts.push(...extras.scripts);
          notes.alternatives.push(...extras.alternatives);
          files.push(...extras.files);
          drawn = extras.drawn;
        }
      } catch (error) {
        if (error instanceof TooLarge) throw error;
        found.damaged = true;
      }
      try {
        pdfium?.page(index, (page) => {
          const text = page.text().replaceAll('\u0002', '-');
          if (bare(text) !== bare(content)) second.push(text);
          const part = partToRecognise(page, index, drawn);
          if (part !== undefined) found.toRecognise.push(part);
        });
      } catch {
        found.damaged = true;
      }
    }
  } finally {
    const views: [string, string][] = [
      ['text', texts.text.join('\n')],
      ['rows', texts.rows.join('\n')],
      ['content', texts.content.join('\n')],
      ['second-reader', second.join('\n')],
      ['annotations', notes.annotations.join('\n')],
      ['scripts', notes.scripts.join('\n')],
      ['alternatives', notes.alternatives.join('\n')],
    ];
    const known = new Set<string>();
    for (const [view, text] of views) {
      const key = text.replace(/\s+/g, ' ').trim();
      if (key === '' || known.has(key)) continue;
      known.add(key);
      found.texts.push({ view, text });
    }
  }
}

/** Two readers part words differently; that alone is no second reading. */
function bare(text: string): string {
  return text.replace(/\s+/g, '');
}

function partToRecognise(
  page: PdfiumPage,
  index: number,
  drawn: readonly (readonly number[])[],
): PageToRecognise | undefined {
  const whole = { left: 0, top: 0, right: page.width, bottom: page.height };
  const objects = page.objects();
  if (page.hasUnknownGlyphs() || objects.more) {
    return { index, area: whole, dpi: neededDpi(page, objects.finestDpi), finestImageDpi: 0, withText: true };
  }
  const rectangles: Rectangle[] = drawn.flatMap(([left, top, right, bottom]) =>
    left === undefined || top === undefined || right === undefined || bottom === undefined
      ? []
      : [{ left, top, right, bottom }],
  );
  const shown = (all: readonly Rectangle[]): readonly Rectangle[] => all.map((one) => page.shown(one));
  const dpi = neededDpi(page, objects.finestDpi);
  const area = pictureArea({
    images: shown([...objects.pictures, ...rectangles]),
    glyphLike: shown(objects.glyphLike),
    dpi,
  });
  const finestImageDpi = objects.glyphLike.length === 0 && rectangles.length === 0 ? objects.finestDpi : 0;
  return area && { index, area, dpi, finestImageDpi, withText: false };
}

async function recognise(pdfium: PdfiumDocument, context: ReaderContext, found: Findings): Promise<void> {
  if (found.toRecognise.length === 0) return;
  if (context.ocr === undefined) {
    found.needsOcr = true;
    return;
  }
  let result: Awaited<ReturnType<typeof recognisePages>>;
  try {
    result = await recognisePages(pdfium, found.toRecognise, context.limits, context.ocr);
  } catch (error) {
    if (error instanceof TooLarge) throw error;
    found.damaged = true;
    return;
  }
  if (result.unread !== undefined) found.unread = result.unread;
  take({ view: 'ocr', text: result.texts.join('\n') }, context, found);
}

/** XML anywhere in the file, unless a reader has shown it. */
function takeXml(all: readonly string[], context: ReaderContext, found: Findings): void {
  const known = new Set(found.texts.map((one) => one.text));
  for (const xml of all) {
    const text = xmpText(xml);
    if (!known.has(text)) take({ view: 'metadata', text }, context, found);
    known.add(text);
  }
}

function take(text: LeafText, context: ReaderContext, found: Findings): void {
  if (text.text.trim() === '') return;
  context.budget.takeText(Buffer.byteLength(text.text));
  found.texts.push(text);
}

/** Those that the readers name, and those that only the bytes show. */
function takeFiles(
  named: readonly ChildContent[],
  raw: readonly Buffer[],
  context: ReaderContext,
  found: Findings,
): void {
  const known = new Set<string>();
  const all = [...named, ...raw.map((bytes) => ({ bytes, size: bytes.length }))];
  for (const file of all) {
    const { bytes } = file;
    if (bytes === undefined) continue;
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (known.has(hash)) continue;
    known.add(hash);
    context.budget.takeEntry();
    context.budget.takeUnpacked(bytes.length);
    found.children.push(file);
  }
}
