import type { ReadDocument } from './documents/desk.js';
import type { InspectionStep } from './inspect-message.js';
import type { InspectLimits } from './limits.js';
import type { AttachmentContent, MessageSummary, RenderedMessage } from './rendered-message.js';

/** What the thread is given when it starts. */
export interface WorkerSettings {
  readonly limits: InspectLimits;
  readonly fingerprintKey: Uint8Array;
}

export type WorkerTask =
  | { readonly kind: 'inspect'; readonly message: Uint8Array; readonly known: readonly ReadDocument[] }
  | { readonly kind: 'render'; readonly message: Uint8Array }
  | { readonly kind: 'summary'; readonly message: Uint8Array }
  | { readonly kind: 'attachments'; readonly message: Uint8Array }
  | { readonly kind: 'attachment'; readonly message: Uint8Array; readonly index: number };

export type WorkerAnswer =
  /** Where documents are to be read first, the message comes back. */
  | { readonly kind: 'inspect'; readonly step: InspectionStep; readonly message?: Uint8Array }
  | { readonly kind: 'render'; readonly rendered: RenderedMessage }
  | { readonly kind: 'summary'; readonly summary: MessageSummary }
  | { readonly kind: 'attachments'; readonly attachments: readonly AttachmentContent[] }
  | { readonly kind: 'attachment'; readonly attachment: AttachmentContent | undefined };
