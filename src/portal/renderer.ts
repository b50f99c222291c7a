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
  }[];
}

/** Reads messages for people. Both calls reject when the message can't be read, or not in time. */
export interface Renderer {
  render(message: Uint8Array): Promise<RenderedMessage>;
  attachment(
    message: Uint8Array,
    index: number,
  ): Promise<{ readonly bytes: Uint8Array; readonly fileName: string; readonly mediaType: string }>;
}
