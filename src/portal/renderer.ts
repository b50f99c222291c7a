/** Where a file stands in its message: bytes from `start` until before `end`. */
export interface FilePlace {
  readonly start: number;
  readonly end: number;
  readonly encoding: 'base64' | 'quoted-printable' | 'none';
}

/** An attachment as it is listed. */
export interface AttachedFile {
  readonly index: number;
  readonly fileName: string;
  readonly mediaType: string;
  /** Bytes, decoded. */
  readonly size: number;
  /** Its pages can be drawn. */
  readonly previewable: boolean;
  /** Absent: only reading the whole message gives it. */
  readonly place?: FilePlace;
}

/** A message as the portal shows it. Everything in it comes from outside and is hostile until escaped or fenced. */
export interface RenderedMessage {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly date?: string;
  /** Sanitised; shown only inside the sandboxed frame. */
  readonly html?: string;
  readonly text?: string;
  readonly attachments: readonly AttachedFile[];
}

export interface Attachment {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly mediaType: string;
}

/** One page as a picture, made anew from what the document looks like. */
export interface DrawnPage {
  readonly status: 'drawn';
  readonly png: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly pages: number;
}

/** Reads messages for people. All calls reject when the message can't be read, or not in time. */
export interface Renderer {
  render(message: Uint8Array): Promise<RenderedMessage>;
  attachment(message: Uint8Array, index: number): Promise<Attachment>;
  attachments(message: Uint8Array): Promise<readonly Attachment[]>;
  /** By a message's first bytes. */
  summary(start: Uint8Array): Promise<{ readonly subject: string; readonly hasAttachments: boolean }>;
  /** What the bytes of a file's place are, decoded as they come. */
  decode(source: AsyncIterable<unknown>, encoding: FilePlace['encoding']): AsyncIterable<Uint8Array>;
  /** @param wish page from 0, pixels */
  preview(
    attachment: Uint8Array,
    wish: { readonly page: number; readonly maxWidth: number; readonly maxHeight: number },
  ): Promise<
    | DrawnPage
    | { readonly status: 'unsupported' | 'encrypted' | 'corrupt' | 'too-large' | 'no-page' | 'late' }
  >;
}
