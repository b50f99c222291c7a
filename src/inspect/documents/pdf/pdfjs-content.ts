import type { LeafText } from '../../leaf-text.js';
import type { ChildContent } from '../types.js';
import { withoutMachineValues, xmpText } from '../xmp.js';
import { filledIn } from './filled-in.js';
import type { TextPiece } from './page-text.js';
import type { PdfjsDocument, PdfjsPage } from './pdfjs-document.js';
import { stringsWithin } from './strings-within.js';

/** Values that say how something looks or where it is, never what a person reads. */
const NOT_TEXT: ReadonlySet<string> = new Set([
  'id',
  'ref',
  'rect',
  'color',
  'backgroundColor',
  'borderColor',
  'borderStyle',
  'defaultAppearanceData',
  'fontName',
  'fieldType',
  'subtype',
  'annotationType',
  'type',
  'dir',
  'hasAppearance',
  'rotation',
  'quadPoints',
  'vertices',
  'inkLists',
  'content',
  'parentType',
  'page',
  'editable',
  'textAlignment',
  'charLimit',
  'PDFFormatVersion',
  'contentDispositionFilename',
  'EncryptFilterName',
]);

/** Annotations that are played, or turned in space (ISO 32000-1 12.5.6). */
const MEDIA: ReadonlySet<string> = new Set(['Sound', 'Movie', 'Screen', '3D', 'RichMedia']);

/** The text of one page, piece by piece. @throws what pdf.js throws of a page that can't be read */
export async function readPageText(page: PdfjsPage): Promise<readonly TextPiece[]> {
  const content = await page.getTextContent({ includeMarkedContent: false });
  const pieces: TextPiece[] = [];
  for (const item of content.items) {
    if (!('str' in item)) continue;
    const matrix = item.transform.map((value: unknown) => (typeof value === 'number' ? value : Number.NaN));
    pieces.push({ text: item.str, matrix, width: item.width, height: item.height, endsLine: item.hasEOL });
  }
  return pieces;
}

/** What is attached to one page beside its text. */
export interface PageExtras {
  readonly annotations: readonly string[];
  readonly scripts: readonly string[];
  readonly alternatives: readonly string[];
  readonly files: readonly ChildContent[];
  /** What is filled into fields, at its place on the page. */
  readonly filledIn: readonly TextPiece[];
  /** There is sound, film or a model of something, which nobody here reads. */
  readonly hasMedia: boolean;
  /** Where something is drawn that no text stands for: stamps, ink, signatures; in the page's own coordinates. */
  readonly drawn: readonly (readonly number[])[];
  /** Where annotations are whose drawn text is among `annotations`. */
  readonly readLooks: readonly (readonly number[])[];
  /** There are more values than were taken. */
  readonly isCut: boolean;
}

export async function readPageExtras(page: PdfjsPage, isTagged: boolean): Promise<PageExtras> {
  const found: unknown = await page.getAnnotations({ intent: 'any' });
  const annotations = Array.isArray(found) ? found : [];
  const files: ChildContent[] = [];
  const drawn: (readonly number[])[] = [];
  const readLooks: (readonly number[])[] = [];
  let isCut = false;
  const stringsOf = (value: unknown, skip = NOT_TEXT) =>
    stringsWithin(value, skip, () => {
      isCut = true;
    });
  for (const annotation of annotations) {
    const file = fieldOf(annotation, 'file');
    if (file !== undefined) for (const child of childrenOf(file)) files.push(child);
    const rect = fieldOf(annotation, 'rect');
    if (!Array.isArray(rect)) continue;
    if (isDrawn(annotation)) drawn.push(rect.map(Number));
    if (stringsOf(fieldOf(annotation, 'textContent')).length > 0) readLooks.push(rect.map(Number));
  }
  const filled = annotations.flatMap(filledIn);
  const texts = {
    annotations: [...stringsOf(annotations), ...filled.flatMap(({ labelled }) => labelled)],
    scripts: stringsOf(await page.getJSActions()),
    alternatives: isTagged ? stringsOf(await page.getStructTree(), new Set(['role', 'type', 'id'])) : [],
  };
  return {
    files,
    drawn,
    readLooks,
    isCut,
    filledIn: filled.map(({ piece }) => piece),
    hasMedia: annotations.some((annotation) => MEDIA.has(String(fieldOf(annotation, 'subtype')))),
    ...texts,
  };
}

function isDrawn(annotation: unknown): boolean {
  const subtype = fieldOf(annotation, 'subtype');
  if (subtype === 'Stamp' || subtype === 'Ink') return true;
  if (subtype !== 'Widget') return false;
  return fieldOf(annotation, 'fieldType') === 'Sig' || fieldOf(annotation, 'pushButton') === true;
}

interface Layer {
  readonly name: string;
  readonly visible: boolean;
}

/** Texts and files of the document as a whole. */
export interface DocumentExtras {
  readonly texts: readonly LeafText[];
  readonly files: readonly ChildContent[];
  /** Some layers aren't shown at first. */
  readonly hasHiddenLayers: boolean;
  readonly isEncrypted: boolean;
  /** Some of it couldn't be read. */
  readonly damaged: boolean;
  /** There are more values than were taken. */
  readonly isCut: boolean;
}

/** Never rejects: what can't be read is left out, and `damaged` says so. */
export async function readDocumentExtras(document: PdfjsDocument): Promise<DocumentExtras> {
  let damaged = false;
  const attempt = async (ask: () => Promise<unknown>): Promise<unknown> => {
    try {
      return await ask();
    } catch {
      damaged = true;
      return undefined;
    }
  };
  let isCut = false;
  const stringsOf = (value: unknown, skip = NOT_TEXT) =>
    stringsWithin(value, skip, () => {
      isCut = true;
    });
  const strings = async (view: string, ask: () => Promise<unknown>): Promise<LeafText> =>
    text(view, stringsOf(await attempt(ask)));
  const metadata = await attempt(() => document.getMetadata());
  const xmp = await attempt(async () => (await document.getMetadata()).metadata?.getRaw());
  const layers = await attempt(async () => layerList(await document.getOptionalContentConfig()));
  const attachments = await attempt(() => document.getAttachments());
  const labels = await attempt(() => document.getPageLabels());
  const layerNames = Array.isArray(layers) ? layers : [];
  const texts: LeafText[] = [
    text('metadata', stringsOf(fieldOf(metadata, 'info')).map(withoutMachineValues)),
    text('metadata', typeof xmp === 'string' ? [xmpText(xmp)] : []),
    await strings('outline', () => document.getOutline()),
    await strings('fields', () => document.getFieldObjects()),
    await strings('scripts', () => document.getJSActions()),
    await strings('scripts', () => document.getOpenAction()),
    // Labels that only number the pages say nothing.
    text(
      'page-labels',
      stringsOf(labels).filter((label) => label.length > 6),
    ),
    text(
      'layers',
      stringsOf(layerNames).map((name) => name.replace(/^name: /, '')),
    ),
    text('attachments', stringsOf(attachments, new Set(['content']))),
  ];
  return {
    texts: texts.filter((one) => one.text !== ''),
    files:
      typeof attachments === 'object' && attachments !== null
        ? Object.values(attachments).flatMap(childrenOf)
        : [],
    hasHiddenLayers: layerNames.some((layer) => fieldOf(layer, 'visible') === false),
    isEncrypted: typeof fieldOf(fieldOf(metadata, 'info'), 'EncryptFilterName') === 'string',
    damaged,
    isCut,
  };
}

function text(view: string, lines: readonly string[]): LeafText {
  return { view, text: lines.join('\n') };
}

function layerList(layers: Iterable<unknown>): readonly Layer[] {
  return [...layers].map((entry) => {
    const group: unknown = Array.isArray(entry) ? entry[1] : undefined;
    const name = fieldOf(group, 'name');
    return { name: typeof name === 'string' ? name : '', visible: fieldOf(group, 'visible') !== false };
  });
}

/** None where the file isn't inside, but somewhere else: then only its name and description are there to be read. */
function childrenOf(file: unknown): readonly ChildContent[] {
  const name = fieldOf(file, 'rawFilename') ?? fieldOf(file, 'filename');
  const content = fieldOf(file, 'content');
  if (!(content instanceof Uint8Array)) return [];
  const fileName = typeof name === 'string' ? { fileName: name.slice(0, 255) } : {};
  return [{ ...fileName, bytes: Buffer.from(content), size: content.length }];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
