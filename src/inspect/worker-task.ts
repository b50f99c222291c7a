import type { Inspection } from '../model/inspection.js';
import type { InspectLimits } from './limits.js';
import type { AttachmentContent, RenderedMessage } from './rendered-message.js';

/** What the thread is given when it starts. */
export interface WorkerSettings {
  readonly limits: InspectLimits;
  readonly fingerprintKey: Uint8Array;
}

export type WorkerTask =
  | { readonly kind: 'inspect'; readonly message: Uint8Array }
  | { readonly kind: 'render'; readonly message: Uint8Array }
  | { readonly kind: 'attachment'; readonly message: Uint8Array; readonly index: number };

export type WorkerAnswer =
  | { readonly kind: 'inspect'; readonly inspection: Inspection }
  | { readonly kind: 'render'; readonly rendered: RenderedMessage }
  | { readonly kind: 'attachment'; readonly attachment: AttachmentContent | undefined };
