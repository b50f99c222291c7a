import type { ExistingProtection } from '../model/inspection.js';
import type { DetectionSettings } from './detect/settings.js';
import type { ReadDocument } from './documents/desk.js';
import type { InspectionStep } from './inspect-message.js';
import type { InspectLimits } from './limits.js';
import type { AttachmentContent, MessageSummary, RenderedMessage } from './rendered-message.js';

/** What the thread is given when it starts. */
export interface WorkerSettings {
  readonly limits: InspectLimits;
  readonly fingerprintKey: Uint8Array;
}

/** An inspection, or one of its steps. */
export interface InspectTask {
  readonly kind: 'inspect';
  readonly message: Uint8Array;
  readonly known: readonly ReadDocument[];
  /** `DetectionSettings.id`. */
  readonly detection: string;
  /** Those settings, for a thread that doesn't know them. */
  readonly settings?: DetectionSettings;
  readonly healthSender: boolean;
  /** As `InspectOptions.gone`. */
  readonly gone: readonly string[];
}

/** The first step of several messages' inspections, one after the other. */
export interface BatchTask {
  readonly kind: 'batch';
  /** All messages, one behind the other. */
  readonly message: Uint8Array;
  /** Of each: its bytes, and whether its sender provides care. */
  readonly sizes: readonly number[];
  readonly healthSenders: readonly boolean[];
  /** As of an InspectTask. */
  readonly detection: string;
  readonly settings?: DetectionSettings;
}

export type WorkerTask =
  | InspectTask
  | BatchTask
  /** Nothing but to be there. */
  | { readonly kind: 'wake' }
  /** The sender's own protection alone, of a message that isn't inspected. */
  | { readonly kind: 'protection'; readonly message: Uint8Array }
  | { readonly kind: 'render'; readonly message: Uint8Array }
  | { readonly kind: 'summary'; readonly message: Uint8Array }
  | { readonly kind: 'attachments'; readonly message: Uint8Array }
  | { readonly kind: 'attachment'; readonly message: Uint8Array; readonly index: number };

export type WorkerAnswer =
  | { readonly kind: 'wake' }
  /** The thread doesn't know the settings of the detection; the message comes back. */
  | { readonly kind: 'settings-wanted'; readonly message: Uint8Array }
  /** Where documents are to be read first, the message comes back. */
  | { readonly kind: 'inspect'; readonly step: InspectionStep; readonly message?: Uint8Array }
  | { readonly kind: 'batch'; readonly steps: readonly InspectionStep[] }
  | { readonly kind: 'protection'; readonly protection: ExistingProtection | undefined }
  | { readonly kind: 'render'; readonly rendered: RenderedMessage }
  | { readonly kind: 'summary'; readonly summary: MessageSummary }
  | { readonly kind: 'attachments'; readonly attachments: readonly AttachmentContent[] }
  | { readonly kind: 'attachment'; readonly attachment: AttachmentContent | undefined };
