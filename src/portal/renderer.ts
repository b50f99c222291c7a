/** A message as the portal shows it. Everything in it comes from outside and is hostile until escaped or fenced. */
export interface RenderedMessage {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  readonly date?: string;
  /** Sanitised; shown only inside the sandboxed frame. */
  readonly html?: string;
  readonly text?: string;
  readonly attachments: readonly {
    readonly index: number;
    readonly fileName: string;
    readonly mediaType: string;
    /** Bytes, decoded. */
    readonly size: number;
    /** Its pages can be drawn. */
    readonly previewable: boolean;
  }[];
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
  /** @param wish page from 0, pixels */
  preview(
    message: Uint8Array,
    index: number,
    wish: { readonly page: number; readonly maxWidth: number; readonly maxHeight: number },
  ): Promise<{
    readonly fileName: string;
    readonly preview:
      | DrawnPage
      | {
          readonly status: 'unsupported' | 'encrypted' | 'corrupt' | 'too-large' | 'no-page' | 'late';
        };
  }>;
}
