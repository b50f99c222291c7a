import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { bounceChange } from './bounce.js';
import { undeliverableNotice } from './notice-undeliverable.js';
import { merged, type Planned } from './planned.js';

/**
 * The change, with its events, that bounces one held recipient by a person's word and tells the sender (RFC 3464), if they
 * want to hear. With a pickup notice goes what it leads to, as when its hold ends: nobody would ever come.
 */
export async function rejectHeldChange(input: {
  readonly loaded: LoadedConfig;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'tellingOfItem'>;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  readonly message: StoredMessage;
  readonly recipient: StoredRecipient;
  readonly status: string;
  readonly reason: string;
  readonly now: number;
}): Promise<Planned> {
  const consequence = await undeliverableNotice(input);
  // Only what still waits: a row that was released meanwhile may be on its way to the recipient.
  const { loaded, bodies, message, recipient, status, reason, now } = input;
  const bounce = await bounceChange({
    loaded,
    bodies,
    message,
    recipient,
    status,
    reason,
    now,
    from: ['held'],
  });
  return merged(consequence === undefined ? [bounce] : [consequence, bounce]);
}
