import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage } from '../model/message.js';
import type { BodyStore, PortalStore, QueueStore } from '../store/ports.js';
import { bounceAll } from './bounce.js';
import { merged, type Planned } from './planned.js';
import { untoldItem } from './untold-item.js';

/**
 * What follows when a pickup notice itself can't be delivered, nor a reminder after it: nobody will ever come, so its item is
 * closed and the recipient of the original bounces to the sender. undefined where that isn't so; see `untoldItem`.
 */
export async function undeliverableNotice(input: {
  readonly loaded: LoadedConfig;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'tellingOfItem'>;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly bodies: Pick<BodyStore, 'seal' | 'open'>;
  /** The notice, or a reminder. */
  readonly message: StoredMessage;
  readonly now: number;
}): Promise<Planned | undefined> {
  const { message: notice, queue } = input;
  const item = await untoldItem(input);
  if (item === undefined) return undefined;
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
        changePortalItems: [
          { id: item.id, from: ['waiting'], toldBy: item.noticeId ?? notice.id, state: 'undeliverable' },
        ],
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
