import type { PartStatus } from '../../model/inspection.js';
import type { LeafText } from '../leaf-text.js';

/*
 * Documents, archives and images are read by other people's parsers, so that happens in child processes. What follows
 * runs there: one reader for each format, and what all of them share.
 */

/** What a child is given. Nothing in it is trusted, names least of all: they are never used as paths. */
export interface DocumentInput {
  readonly bytes: Buffer;
  /** As declared; for explanations and for telling `.doc` from `.xls` where bytes can't. */
  readonly fileName?: string;
  /** As declared, lower case, without parameters. */
  readonly mediaType?: string;
}

/** Something inside: an archive's entry, an embedded file, an image in a document. */
export interface ChildContent {
  /** As it is named inside; at most 255 characters are kept. */
  readonly fileName?: string;
  readonly mediaType?: string;
  /** Absent where `status` says why it could not be had. */
  readonly bytes?: Buffer;
  readonly status?: Exclude<PartStatus, 'read'>;
  /** Bytes, where they are known without having them. */
  readonly size?: number;
}

/** What one reader found. */
export interface FormatResult {
  /** `read`: all that a person could read of this level was read. `no-text`: there is none (a picture without words). */
  readonly status: PartStatus;
  /** Each reading of the text with its name: `text`, `hidden`, `comments`, `metadata`, `formulas` … */
  readonly texts: readonly LeafText[];
  /** To be read in their turn. */
  readonly children: readonly ChildContent[];
  /** Stable kebab-case names of things that two programs could read differently; they make the part `ambiguous`. */
  readonly oddities: readonly string[];
  /** There are pages or pictures to recognise, and the context had no `ocr`: to be read again where there is one. */
  readonly needsOcr?: true;
}

/** Reads one format. Rejects only with TooLarge or with an error that means `corrupt`. */
export type FormatReader = (input: DocumentInput, context: ReaderContext) => Promise<FormatResult>;

export interface ReaderContext {
  readonly limits: DocumentLimits;
  /** Shared by all levels of one document. */
  readonly budget: Budget;
  /** The text in an image by OCR; for pages and images. Undefined: OCR isn't available or its time is up. */
  readonly ocr?: (image: OcrImage) => Promise<OcrResult>;
}

export interface OcrImage {
  /** PNG, JPEG, BMP, PNM or WebP bytes. */
  readonly bytes: Buffer;
}

export type OcrResult = { readonly status: 'read'; readonly text: string } | { readonly status: 'timed-out' };

export interface DocumentLimits {
  /** Levels of containers within containers. */
  readonly maxDepth: number;
  /** Entries of all archives of one part together. */
  readonly maxEntries: number;
  /** Bytes unpacked from one part, all levels together. */
  readonly maxUnpacked: number;
  /** Unpacked bytes for each packed one, beyond the first megabyte. */
  readonly maxRatio: number;
  /** Bytes of text kept of one part. */
  readonly maxText: number;
  /** Pages of a document that are rendered for OCR. */
  readonly maxPages: number;
  /** Pixels of one image. */
  readonly maxPixels: number;
}

/** Counts what one part may cost. */
export interface Budget {
  /** @throws TooLarge */
  takeUnpacked(bytes: number): void;
  /** @throws TooLarge */
  takeEntry(): void;
  /** @throws TooLarge */
  takeText(bytes: number): void;
}

/** A limit was reached: the part is `too-large`. */
export class TooLarge extends Error {
  override readonly name = 'TooLarge';
}

/** One place of a document as it goes back to the inspection. */
export interface DocumentPart {
  /** Below the part that was sent: `''` for itself, `1`, `1.2` for what is inside. */
  readonly path: string;
  /** What the bytes are, e.g. `application/pdf`. */
  readonly mediaType: string;
  readonly fileName?: string;
  readonly status: PartStatus;
  readonly size: number;
  readonly texts: readonly LeafText[];
  readonly oddities: readonly string[];
  /** Names of facts that change nothing about what was read, such as `type-mismatch`. */
  readonly notes?: readonly string[];
  /** A mail message (eml, msg as eml, mbox member) or text leaf that our own readers read. */
  readonly entity?: { readonly kind: 'message' | 'text'; readonly bytes: Uint8Array };
}
