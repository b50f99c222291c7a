import { fileTypeFromBuffer } from 'file-type';
import type { PartStatus } from '../../model/inspection.js';
import { sniff } from '../sniff.js';
import { createBudget, type PartBudget } from './budget.js';
import { BITMAPS, ENCRYPTED_OFFICE, KINDS, MESSAGE, TEXT, UNKNOWN } from './kinds.js';
import { isMismatch } from './kinds-declared.js';
import { kindOf } from './kinds-sniff.js';
import { hasMailField } from './kinds-text.js';
import { endsAsZip, isDicom, opensAsPdf } from './polyglot.js';
import {
  type ChildContent,
  type DocumentInput,
  type DocumentLimits,
  type DocumentPart,
  type FormatReader,
  type FormatResult,
  type OcrImage,
  type OcrResult,
  TooLarge,
} from './types.js';

/** Text in an image, as far as the lane in which the document is read can tell it. */
export interface OcrSource {
  /** `unknown`: it has to be recognised in the other lane. */
  text(image: OcrImage): Promise<OcrResult | { readonly status: 'unknown' }>;
}

export interface RunOptions {
  readonly reader: (kind: string) => Promise<FormatReader | undefined>;
  /** Undefined: there is no OCR at all, and what needs it is `unsupported`. */
  readonly ocr?: OcrSource | undefined;
  /** Told of each part as soon as it is read, so that it counts even if the process dies of a later one. */
  readonly emit?: (part: DocumentPart) => void;
}

export interface DocumentReading {
  readonly parts: readonly DocumentPart[];
  /** Paths of the parts that are read only once their images are. */
  readonly needsOcr: readonly string[];
}

const LONGEST_NAME = 255;
const UNDERSTOOD: ReadonlySet<PartStatus> = new Set(['read', 'empty', 'no-text']);

interface Place {
  readonly content: ChildContent;
  readonly path: string;
  readonly depth: number;
  /** To be read as this, whatever it begins with. */
  readonly as?: string;
}

/**
 * Reads a document and what is in it, one level after the other. Runs where other people's parsers may: it has limits
 * on what is unpacked, and none on time or memory. Never rejects for anything in the document.
 */
export async function readDocument(
  input: DocumentInput,
  limits: DocumentLimits,
  options: RunOptions,
): Promise<DocumentReading> {
  const budget = createBudget(limits, input.bytes.length);
  const parts: DocumentPart[] = [];
  const needsOcr: string[] = [];
  const stack: Place[] = [{ content: input, path: '', depth: 0 }];
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    const room = limits.maxEntries - parts.length - stack.length;
    const { part, children, ocrWanted } = await readPlace(place, limits, budget, options);
    const kept = children.slice(0, Math.max(0, room));
    const whole = kept.length === children.length;
    // What is beyond a limit is never the reason to call a part read.
    const shown: DocumentPart = whole ? part : { ...part, status: stricter(part.status, 'too-large') };
    parts.push(shown);
    options.emit?.(shown);
    if (ocrWanted) needsOcr.push(place.path);
    for (let index = kept.length - 1; index >= 0; index--) {
      const child = kept[index];
      if (child !== undefined) stack.push({ ...child, path: childPath(place.path, index + 1) });
    }
  }
  return { parts, needsOcr };
}

interface PlaceReading {
  readonly part: DocumentPart;
  readonly children: readonly Omit<Place, 'path'>[];
  readonly ocrWanted: boolean;
}

async function readPlace(
  place: Place,
  limits: DocumentLimits,
  budget: PartBudget,
  options: RunOptions,
): Promise<PlaceReading> {
  const { content, path, depth } = place;
  const { bytes } = content;
  const fileName = content.fileName?.slice(0, LONGEST_NAME);
  const declared = content.mediaType?.slice(0, LONGEST_NAME);
  const about = {
    path,
    ...(fileName === undefined ? {} : { fileName }),
    size: bytes?.length ?? content.size ?? 0,
    texts: [],
    oddities: [],
  };
  const leaf = (mediaType: string, status: PartStatus, more: Partial<DocumentPart> = {}): PlaceReading => ({
    part: { ...about, mediaType, status, ...more },
    children: [],
    ocrWanted: false,
  });
  if (bytes === undefined) return leaf(declared ?? UNKNOWN, content.status ?? 'unsupported');
  // A status beside bytes says that they aren't all of it.
  const given = content.status;
  const kind = place.as ?? kindOf(bytes);
  const sniffed = kind === undefined || kind === TEXT ? sniff(bytes) : undefined;
  if (sniffed === 'empty') return leaf(declared ?? UNKNOWN, given ?? 'empty');
  // What is opened as mail by its name is mail with few fields, too; where text is, mail may be.
  const isHere = isMismatch({
    fileName,
    mediaType: declared,
    kind: kind === TEXT && hasMailField(bytes) ? MESSAGE : kind,
  });
  const notes: Partial<DocumentPart> = isHere && place.as === undefined ? { notes: ['type-mismatch'] } : {};
  if (kind === TEXT || kind === MESSAGE) {
    const entity = { kind: kind === TEXT ? ('text' as const) : ('message' as const), bytes };
    // Programs that draw, such as PostScript, are text; what they draw isn't read.
    const status = sniffed === 'document' ? 'unsupported' : 'read';
    return leaf(kind === TEXT ? (declared ?? TEXT) : MESSAGE, given ?? status, { ...notes, entity });
  }
  if (kind === ENCRYPTED_OFFICE) return leaf(kind, 'encrypted', notes);
  const others = place.as === undefined ? otherKinds(kind, bytes) : [];
  const asOthers = others.map((as) => ({ content: { bytes }, depth: depth + 1, as }));
  const polyglot = kind === undefined ? [] : others.map((other) => ALSO[other]);
  const reader = kind === undefined ? undefined : await options.reader(kind);
  if (kind === undefined || reader === undefined) {
    // Signed and encrypted mail, and keys: our own reader knows what they are.
    if (kind === undefined && sniffed !== 'binary' && sniffed !== 'document')
      return leaf(declared ?? UNKNOWN, given ?? 'read', {
        ...notes,
        entity: { kind: 'text', bytes },
      });
    const named = kind ?? (await nameOf(bytes)) ?? declared ?? UNKNOWN;
    const unread = leaf(named, given ?? 'unsupported', { ...notes, oddities: polyglot });
    return { ...unread, children: depth < limits.maxDepth ? asOthers : [] };
  }
  if (depth > limits.maxDepth) return leaf(kind, 'too-deep', notes);
  const ocr = watched(options.ocr);
  let result: FormatResult;
  try {
    result = await reader(
      {
        bytes,
        ...(fileName !== undefined && { fileName }),
        ...(declared !== undefined && { mediaType: declared }),
      },
      { limits, budget: budget.forReader(), ...(ocr && { ocr: ocr.recognise }) },
    );
  } catch (error) {
    return leaf(kind, error instanceof TooLarge ? 'too-large' : 'corrupt', { ...notes, oddities: polyglot });
  }
  const ocrWanted = options.ocr !== undefined && (result.needsOcr === true || ocr?.missed() === true);
  const unreadImages = result.needsOcr === true || ocr?.missed() === true;
  const status = unreadImages ? stricter(result.status, 'unsupported') : result.status;
  return {
    part: {
      ...about,
      ...notes,
      // Whoever asks for a text reads that as well; what is inside is only read here.
      ...(IS_TEXT.has(kind) && path !== '' && { entity: { kind: 'text' as const, bytes } }),
      mediaType: kind,
      status: given === undefined ? status : stricter(status, given),
      texts: result.texts,
      oddities: [...result.oddities, ...polyglot],
    },
    children: [...result.children.map((child) => ({ content: child, depth: depth + 1 })), ...asOthers],
    ocrWanted,
  };
}

/** Documents that are text, too. */
const IS_TEXT: ReadonlySet<string> = new Set([KINDS.flatOdf, KINDS.wordXml]);

type OtherKind = typeof KINDS.zip | typeof KINDS.dicom | typeof KINDS.pdf;
const ALSO: Readonly<Record<OtherKind, string>> = {
  [KINDS.zip]: 'also-a-zip',
  [KINDS.dicom]: 'also-dicom',
  [KINDS.pdf]: 'also-a-pdf',
};

/** What programs that don't look at the beginning take the bytes for, besides what they are. */
function otherKinds(kind: string | undefined, bytes: Buffer): readonly OtherKind[] {
  const others: OtherKind[] = [];
  if (kind !== KINDS.zip && endsAsZip(bytes) && !isOffice(kind)) others.push(KINDS.zip);
  if (kind !== undefined && kind !== KINDS.dicom && isDicom(bytes)) others.push(KINDS.dicom);
  if (PICTURES.has(kind) && opensAsPdf(bytes)) others.push(KINDS.pdf);
  return others;
}

/** Containers may hold a PDF at their beginning, and drawings too; in these there is none by chance. */
const PICTURES: ReadonlySet<string | undefined> = new Set([...BITMAPS, KINDS.dicom]);

/** Readers of Office documents are given zips and look at all that is in them. */
function isOffice(kind: string | undefined): boolean {
  return kind !== undefined && (/officedocument|opendocument/.test(kind) || kind === KINDS.xps);
}

/** The worse of two: one that says that something wasn't read stays. */
function stricter(status: PartStatus, other: PartStatus): PartStatus {
  return UNDERSTOOD.has(status) ? other : status;
}

function watched(source: OcrSource | undefined) {
  if (source === undefined) return undefined;
  let missed = false;
  return {
    missed: () => missed,
    recognise: async (image: OcrImage): Promise<OcrResult> => {
      // Later pages would be recognised in the other lane too.
      const result = missed ? { status: 'unknown' as const } : await source.text(image);
      if (result.status !== 'unknown') return result;
      missed = true;
      return { status: 'timed-out' };
    },
  };
}

async function nameOf(bytes: Buffer): Promise<string | undefined> {
  try {
    return (await fileTypeFromBuffer(bytes))?.mime;
  } catch {
    // It only names what nobody here reads.
    return undefined;
  }
}

function childPath(path: string, index: number): string {
  return path === '' ? String(index) : `${path}.${index}`;
}
