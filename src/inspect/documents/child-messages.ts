import { z } from 'zod';
import { PART_STATUSES } from '../../model/inspection.js';
import { PREVIEW_FAILURES, type Preview, type PreviewWish } from './preview/preview.js';
import type { DocumentInput, DocumentLimits, DocumentPart } from './types.js';

/** `quick`: text in images only where it is known from before. `ocr`: it is recognised. `none`: there is no OCR. */
export type OcrMode = 'none' | 'quick' | 'ocr';

/** What a child is told. */
export type ToChild =
  | {
      readonly kind: 'job';
      readonly id: number;
      readonly input: Omit<DocumentInput, 'bytes'> & { readonly bytes: Uint8Array };
      readonly limits: DocumentLimits;
      readonly ocr: OcrMode;
      readonly deadlinePerPageMs: number;
    }
  | {
      readonly kind: 'draw';
      readonly id: number;
      readonly bytes: Uint8Array;
      readonly wish: PreviewWish;
      readonly limits: Pick<DocumentLimits, 'maxPages' | 'maxPixels'>;
      readonly deadlineMs: number;
    }
  | { readonly kind: 'known'; readonly query: number; readonly text: string | undefined };

const PNG_SIGNATURE = Buffer.from('89504e470d0a1a0a', 'hex');
const path = z.string().regex(/^(?:[1-9]\d{0,6}(?:\.[1-9]\d{0,6}){0,199})?$/);
const name = z.string().regex(/^[a-z0-9-]{1,60}$/);

const part = z.strictObject({
  path,
  mediaType: z.string().max(255),
  fileName: z.string().max(255).exactOptional(),
  status: z.enum(PART_STATUSES),
  size: z.number().min(0),
  texts: z.array(z.strictObject({ view: name, text: z.string() })),
  oddities: z.array(name),
  notes: z.array(name).exactOptional(),
  entity: z
    .strictObject({ kind: z.enum(['message', 'text']), bytes: z.instanceof(Uint8Array) })
    .exactOptional(),
});

/** What a child says. */
export type FromChild =
  | { readonly kind: 'ready' }
  | { readonly kind: 'part'; readonly id: number; readonly part: DocumentPart }
  | { readonly kind: 'done'; readonly id: number; readonly needsOcr: readonly string[] }
  | { readonly kind: 'drawn'; readonly id: number; readonly preview: Preview }
  /** Whether the text of an image is known, by its SHA-256. */
  | { readonly kind: 'ask'; readonly query: number; readonly digest: string }
  | { readonly kind: 'recognised'; readonly digest: string; readonly text: string };

const preview: z.ZodType<Preview> = z.union([
  z.strictObject({
    status: z.literal('drawn'),
    png: z
      .instanceof(Uint8Array)
      .refine((bytes) => Buffer.from(bytes.subarray(0, 8)).equals(PNG_SIGNATURE), { error: 'is no PNG' }),
    width: z.int().min(1),
    height: z.int().min(1),
    pages: z.int().min(1),
  }),
  z.strictObject({ status: z.enum(PREVIEW_FAILURES) }),
]);

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** Whoever sent a document may have taken a child over, so what it says is checked like everything from outside. */
export const fromChild: z.ZodType<FromChild> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ready') }),
  z.strictObject({ kind: z.literal('part'), id: z.int(), part }),
  z.strictObject({ kind: z.literal('done'), id: z.int(), needsOcr: z.array(path) }),
  z.strictObject({ kind: z.literal('drawn'), id: z.int(), preview }),
  z.strictObject({ kind: z.literal('ask'), query: z.int(), digest }),
  z.strictObject({ kind: z.literal('recognised'), digest, text: z.string() }),
]);
