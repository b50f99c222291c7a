import type { AuditEvent } from '../audit/events.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { QueueChange } from '../store/ports.js';

/** What became of placing a recipient's copy. */
export type Placed =
  | { readonly kind: 'placed'; readonly change: QueueChange; readonly events: AuditEvent[] }
  /** The recipient must be held; `reason` is for the person who decides, and holds no PHI. */
  | { readonly kind: 'hold'; readonly reason: string };

/**
 * Makes the change that puts a recipient's copy into the portal: the row becomes `in-portal`, the item exists with
 * content of its own, the pickup notice is queued. Applying it is the caller's. Given by the portal, which this stage
 * doesn't import. What is copied is what may leave for the recipient (`contentFor`).
 */
export type PlaceInPortal = (
  message: StoredMessage,
  recipient: StoredRecipient,
  now: number,
) => Promise<Placed>;
