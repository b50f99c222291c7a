import { createHash } from 'node:crypto';
import type { LeafText } from '../../leaf-text.js';
import {
  type ChildContent,
  type DocumentInput,
  type FormatResult,
  type ReaderContext,
  TooLarge,
} from '../types.js';
import { xmlText, xmpText } from '../xmp.js';
import { isCutShort } from './cut-short.js';
import type { Findings } from './findings.js';
import { readOlderRevisions } from './older-revisions.js';
import { openWithPdfium, type PdfiumDocument } from './pdfium-document.js';
import { readDocumentExtras } from './pdfjs-content.js';
import { openWithPdfjs } from './pdfjs-document.js';
import { type RawStreams, readRawStreams } from './raw-streams.js';
import { MAX_TEXT_PAGES, readPages } from './read-pages.js';
import { recognisePages } from './recognise-pages.js';

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
    unreadRevision: false,
    unreadLooks: false,
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
  if (found.hiddenPictures || found.unreadRevision || found.unreadLooks || found.needsOcr)
    return 'unsupported';
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

const NO_STREAMS: RawStreams = {
  damaged: false,
  xml: [],
  strings: [],
  cut: false,
  embedded: [],
  paint: undefined,
};

async function readInto(
  bytes: Buffer,
  context: ReaderContext,
  found: Findings,
): Promise<'encrypted' | undefined> {
  // In an encrypted file the streams can't be told from damaged ones. That it names encryption doesn't make it so.
  const mayBeEncrypted = bytes.includes('/Encrypt');
  let raw = mayBeEncrypted ? NO_STREAMS : await readRawStreams(bytes, context.budget);
  const document = await openWithPdfjs(bytes);
  if (document === 'encrypted') return 'encrypted';
  found.damaged ||= isCutShort(bytes);
  const files: ChildContent[] = [];
  try {
    let shownBytes = bytes;
    if (document === 'damaged') found.damaged = true;
    else {
      const extras = await readDocumentExtras(document);
      for (const text of extras.texts) take(text, context, found);
      for (const file of extras.files) files.push(file);
      found.damaged ||= extras.damaged;
      found.tooLarge ||= extras.isCut;
      if (mayBeEncrypted && !extras.isEncrypted) raw = await readRawStreams(bytes, context.budget);
      if (extras.hasHiddenLayers) shownBytes = withAllLayers(bytes) ?? bytes;
      found.hiddenPictures = extras.hasHiddenLayers && shownBytes === bytes;
    }
    found.damaged ||= raw.damaged;
    const second = await openSecond(shownBytes);
    if (second === 'damaged' || second === 'encrypted') found.damaged = true;
    const pdfium = typeof second === 'string' ? undefined : second;
    try {
      const readable = document === 'damaged' ? undefined : document;
      await readPages({ document: readable, pdfium, paint: raw.paint }, context, found, files);
      if (found.toRecognise.length === 0) found.hiddenPictures = false;
      if (pdfium?.isCut === true || raw.cut) found.tooLarge = true;
      for (const xfa of pdfium?.xfaPackets ?? [])
        take({ view: 'xfa', text: xmlText(xfa.toString()) }, context, found);
      takeXml(raw.xml, context, found);
      take({ view: 'metadata', text: raw.strings.join('\n') }, context, found);
      if (pdfium !== undefined) {
        const older = await readOlderRevisions(bytes, pdfium.revisionEnds, MAX_TEXT_PAGES);
        if (!older.all) found.unread = 'too-large';
        if (older.unread) found.unreadRevision = true;
        take({ view: 'older', text: older.texts.join('\n') }, context, found);
        await recognise(pdfium, context, found);
      }
    } finally {
      pdfium?.close();
    }
  } finally {
    if (document !== 'damaged') await document.destroy();
    takeFiles(files, raw.embedded, context, found);
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
