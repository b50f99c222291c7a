import type { AuditEvent } from '../audit/events.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { QueueChange } from '../store/ports.js';

/**
 * Makes the change that puts a recipient's copy into the portal: the row becomes `in-portal`, the item exists, the
 * pickup notice is queued. Applying it is the caller's. Given by the portal, which this stage doesn't import.
 */
export type PlaceInPortal = (
  message: StoredMessage,
  recipient: StoredRecipient,
  now: number,
) => Promise<{ readonly change: QueueChange; readonly events: AuditEvent[] }>;
