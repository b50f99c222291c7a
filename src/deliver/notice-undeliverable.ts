import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage } from '../model/message.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { bounceAll } from './bounce.js';
import { merged, type Planned } from './planned.js';

/**
 * What follows when a pickup notice itself can't be delivered: nobody will ever come, so its item is closed and the
 * recipient of the original bounces to the sender. undefined for other mail, when the item was picked up or closed
 * meanwhile, and when a person had the notice sent again: then the newest is the one that counts.
 */
export async function undeliverableNotice(input: {
  readonly loaded: LoadedConfig;
  readonly queue: Pick<QueueStore, 'message' | 'recipients'>;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  /** The notice. */
  readonly message: StoredMessage;
  readonly now: number;
}): Promise<Planned | undefined> {
  const { message: notice, queue } = input;
  if (notice.origin !== 'pickup-notice' || notice.aboutPortalItem === undefined) return undefined;
  const item = await input.portalItems.item(notice.aboutPortalItem);
  if (item === undefined || item.state !== 'waiting') return undefined;
  if (item.noticeId !== undefined && item.noticeId !== notice.id) return undefined;
  const original = await queue.message(item.messageId);
  const recipient = (await queue.recipients(item.messageId)).find((one) => one.index === item.recipientIndex);
  if (original === undefined || recipient === undefined) return undefined;
  const bounce = await bounceAll({
    loaded: input.loaded,
    bodies: input.bodies,
    // Its own content may be gone already; the item's is a copy of it.
    message: { ...original, ...(item.body === undefined ? {} : { body: item.body }) },
    now: input.now,
    from: ['in-portal'],
    bounced: [
      {
        recipient,
        status: '5.4.0',
        reason: 'the notice that the message can be picked up could not be delivered',
      },
    ],
  });
  return merged([
    {
      change: {
        onlyIfAllApply: true,
        changePortalItems: [{ id: item.id, from: ['waiting'], toldBy: notice.id, state: 'undeliverable' }],
      },
      events: [
        auditEvent('portal.notice-undeliverable', {
          messageId: item.messageId,
          recipient: item.recipient,
          item: item.id,
        }),
      ],
    },
    bounce,
  ]);
}
