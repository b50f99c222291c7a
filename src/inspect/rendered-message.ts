import type { ContentPlace } from './content-place.js';

/** A message as the portal shows it to a person. All text is decoded; nothing in it is trusted but `html`. */
export interface RenderedMessage {
  readonly subject: string;
  readonly from: string;
  readonly to: string;
  /** ISO 8601, when the message has a date that can be read. */
  readonly date?: string;
  /** Sanitised: no scripts, no forms, nothing remote; images only as `data:` URIs. */
  readonly html?: string;
  /** Of its text part; without one, the words of the HTML. */
  readonly text?: string;
  readonly attachments: readonly RenderedAttachment[];
}

export interface RenderedAttachment {
  /** Position, from 0, as `attachment()` takes it. */
  readonly index: number;
  /** Safe as a file name on any system: see `safeFileName`. */
  readonly fileName: string;
  readonly mediaType: string;
  /** Bytes. */
  readonly size: number;
  /** Its bytes are of a kind whose pages can be drawn. */
  readonly previewable: boolean;
  /** Where its content stands, if it stands somewhere in one piece: then it can be had without the rest. */
  readonly place?: ContentPlace;
}

export interface MessageSummary {
  readonly subject: string;
  /** False also where the first attachment begins behind the bytes that were looked at. */
  readonly hasAttachments: boolean;
}

export interface AttachmentContent {
  readonly bytes: Uint8Array;
  readonly fileName: string;
  readonly mediaType: string;
}
