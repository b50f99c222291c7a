import type { ChildContent, ReaderContext } from '../types.js';
import type { Findings } from './findings.js';
import { neededDpi, pictureArea } from './page-pictures.js';
import { joinPage, type PageText } from './page-text.js';
import type { Paint } from './paint.js';
import type { PdfiumDocument, PdfiumPage } from './pdfium-document.js';
import type { Rectangle } from './pdfium-objects.js';
import { type PageExtras, readPageExtras, readPageText } from './pdfjs-content.js';
import type { PdfjsDocument } from './pdfjs-document.js';
import type { PageToRecognise } from './recognise-pages.js';

/** Pages whose text layer is read. */
export const MAX_TEXT_PAGES = 5000;

const PAGE_VIEWS = [
  'text',
  'rows',
  'content',
  'letters',
  'filled-in',
  'second-reader',
  'shown',
  'annotations',
  'scripts',
  'alternatives',
] as const;
type PageView = (typeof PAGE_VIEWS)[number];

/** A document as both readers have it open; undefined where one can't. */
interface OpenReaders {
  readonly document: PdfjsDocument | undefined;
  readonly pdfium: PdfiumDocument | undefined;
  /** What the bytes say of the ways in which pages are painted. */
  readonly paint: Paint | undefined;
}

/**
 * Reads the text of all pages with both readers, and finds what must be recognised. What was read is kept where it ends
 * early.
 * @param files takes what is attached to pages
 * @throws TooLarge
 */
export async function readPages(
  { document, pdfium, paint }: OpenReaders,
  context: ReaderContext,
  found: Findings,
  files: ChildContent[],
): Promise<void> {
  const pages = Math.max(document?.numPages ?? 0, pdfium?.pageCount ?? 0);
  const views = new Map<string, string[]>(PAGE_VIEWS.map((view) => [view, []]));
  const add = (view: PageView, lines: readonly string[]): void => {
    const known = views.get(view);
    for (const line of lines) known?.push(line);
  };
  if (pages > MAX_TEXT_PAGES) found.tooLarge = true;
  try {
    const isTagged = document !== undefined && (await isMarked(document));
    for (let index = 0; index < Math.min(pages, MAX_TEXT_PAGES); index++) {
      const first = document && (await firstReading(document, index, isTagged));
      if (document !== undefined && (first === undefined || first.damaged)) found.damaged = true;
      if (first !== undefined) {
        context.budget.takeText(Buffer.byteLength(first.text.reading));
        add('text', [first.text.reading]);
        add('rows', [first.text.rows]);
        add('content', [first.text.content]);
        if (first.text.letters !== '') add('letters', [first.text.letters]);
        for (const text of first.filledIn) context.budget.takeText(Buffer.byteLength(text));
        add('filled-in', first.filledIn);
        add('annotations', first.extras.annotations);
        add('scripts', first.extras.scripts);
        add('alternatives', first.extras.alternatives);
        for (const file of first.extras.files) files.push(file);
        found.tooLarge ||= first.extras.isCut;
        found.unreadLooks ||= first.extras.hasMedia;
      }
      if (pdfium === undefined) continue;
      const second = secondReading(pdfium, index, first?.extras ?? NO_EXTRAS, paint);
      if (second === undefined) {
        found.damaged = true;
        continue;
      }
      if (bare(second.text) !== bare(first?.text.content ?? '')) {
        context.budget.takeText(Buffer.byteLength(second.text));
        add('second-reader', [second.text]);
      }
      if (second.shown !== undefined) {
        context.budget.takeText(Buffer.byteLength(second.shown));
        add('shown', [second.shown]);
      }
      if (second.part !== undefined) found.toRecognise.push(second.part);
      if (second.undrawn) found.unreadLooks = true;
    }
  } finally {
    addViews(views, found);
  }
}

function addViews(views: ReadonlyMap<string, readonly string[]>, found: Findings): void {
  const known = new Set<string>();
  for (const [view, pieces] of views) {
    const text = pieces.join('\n');
    const key = text.replace(/\s+/g, ' ').trim();
    if (key === '' || known.has(key)) continue;
    known.add(key);
    found.texts.push({ view, text });
  }
}

async function isMarked(document: PdfjsDocument): Promise<boolean> {
  try {
    return (await document.getMarkInfo()) !== null;
  } catch {
    // Then the page is asked, which says so where its structure is damaged.
    return true;
  }
}

interface FirstReading {
  readonly text: PageText;
  /** The text with what is filled into its fields, in each order; none where nothing is. */
  readonly filledIn: readonly string[];
  readonly extras: PageExtras;
  readonly damaged: boolean;
}

const NO_TEXT: PageText = { reading: '', rows: '', content: '', letters: '' };
const NO_EXTRAS: PageExtras = {
  annotations: [],
  scripts: [],
  alternatives: [],
  files: [],
  filledIn: [],
  hasMedia: false,
  drawn: [],
  readLooks: [],
  isCut: false,
};

/** A page with pdf.js; undefined where it can't be opened. */
async function firstReading(
  document: PdfjsDocument,
  index: number,
  isTagged: boolean,
): Promise<FirstReading | undefined> {
  try {
    const page = await document.getPage(index + 1);
    const [text, extras] = await Promise.allSettled([readPageText(page), readPageExtras(page, isTagged)]);
    page.cleanup();
    const pieces = text.status === 'fulfilled' ? text.value : [];
    const fields = extras.status === 'fulfilled' ? extras.value.filledIn : [];
    const filled = fields.length === 0 ? undefined : joinPage([...pieces, ...fields]);
    return {
      text: text.status === 'fulfilled' ? joinPage(pieces) : NO_TEXT,
      filledIn: filled === undefined ? [] : [...new Set([filled.reading, filled.rows])],
      extras: extras.status === 'fulfilled' ? extras.value : NO_EXTRAS,
      damaged: text.status === 'rejected' || extras.status === 'rejected',
    };
  } catch {
    return undefined;
  }
}

/** A page with PDFium; undefined where it can't be opened. */
function secondReading(
  pdfium: PdfiumDocument,
  index: number,
  extras: PageExtras,
  paint: Paint | undefined,
):
  | {
      readonly text: string;
      /** Without what isn't drawn, where that is less. */
      readonly shown: string | undefined;
      readonly part: PageToRecognise | undefined;
      /** Other programs draw something that isn't drawn here. */
      readonly undrawn: boolean;
    }
  | undefined {
  try {
    return pdfium.page(index, (page) => {
      const { looks, more } = page.annotationLooks(paint);
      const isRead = readPlaces(extras.readLooks);
      const unread = looks.filter((look) => look.pictures || !isRead(look.place));
      const places = [...extras.drawn.flatMap(rectangleOf), ...unread.map(({ place }) => place)];
      return {
        // PDFium's sign for a hyphen at the end of a line.
        text: page.text().replaceAll('\u0002', '-'),
        shown: page.shownText()?.replaceAll('\u0002', '-'),
        part: partToRecognise(page, index, places, { more, paint }),
        undrawn: unread.some((look) => look.undrawn),
      };
    });
  } catch {
    return undefined;
  }
}

/** Two readers part words differently; that alone is no second reading. */
function bare(text: string): string {
  return text.replace(/\s+/g, '');
}

function rectangleOf([left, top, right, bottom]: readonly number[]): readonly Rectangle[] {
  return left === undefined || top === undefined || right === undefined || bottom === undefined
    ? []
    : [{ left, top, right, bottom }];
}

/** Points by which two readers may place the same annotation apart. */
const SAME_PLACE = 1;

/** Tells of each place whether the text that an annotation draws there was read; of two in one place, of one only. */
function readPlaces(readLooks: readonly (readonly number[])[]): (place: Rectangle) => boolean {
  const edges = ({ left, top, right, bottom }: Rectangle): readonly number[] => [
    Math.min(left, right),
    Math.min(top, bottom),
    Math.max(left, right),
    Math.max(top, bottom),
  ];
  const known = readLooks.flatMap(rectangleOf).map(edges);
  return (place) => {
    const own = edges(place);
    const same = known.findIndex((other) =>
      other.every((edge, at) => Math.abs(edge - (own[at] ?? 0)) <= SAME_PLACE),
    );
    return same >= 0 && known.splice(same, 1).length > 0;
  };
}

function partToRecognise(
  page: PdfiumPage,
  index: number,
  rectangles: readonly Rectangle[],
  { more, paint }: { readonly more: boolean; readonly paint: Paint | undefined },
): PageToRecognise | undefined {
  const whole = { left: 0, top: 0, right: page.width, bottom: page.height };
  const objects = page.objects(paint);
  if (page.hasUnknownGlyphs() || objects.more || more) {
    return { index, area: whole, dpi: neededDpi(page, objects.finestDpi), finestImageDpi: 0, withText: true };
  }
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
