/** What is to be drawn: one page of a PDF or of an image with several, no larger than a screen shows. */
export interface PreviewWish {
  /** From 0. */
  readonly page: number;
  /** Pixels. */
  readonly maxWidth: number;
  readonly maxHeight: number;
}

/** Why there is no picture. `no-page`: the document has fewer pages; `late`: drawing took too long. */
export const PREVIEW_FAILURES = [
  'unsupported',
  'encrypted',
  'corrupt',
  'too-large',
  'no-page',
  'late',
] as const;
export type PreviewFailure = (typeof PREVIEW_FAILURES)[number];

/** A page drawn for a person. Words in it are pixels: nothing of the document itself is in the PNG. */
export type Preview =
  | {
      readonly status: 'drawn';
      readonly png: Uint8Array;
      readonly width: number;
      readonly height: number;
      /** How many pages can be drawn. */
      readonly pages: number;
    }
  | { readonly status: PreviewFailure };
