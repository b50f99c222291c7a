import type { RecipientState, StoredMessage } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import type { PortalStore, QueueStore } from '../store/ports.js';

/** States of mail that has told its recipient, or still may. */
const TELLS: readonly RecipientState[] = ['received', 'pending', 'held', 'delivered'];

/**
 * The item that nobody will ever come for where this mail doesn't reach its recipient, because nothing else tells of it.
 * undefined for other mail than pickup notices and reminders, when the item was picked up or closed meanwhile, when a person had
 * the notice sent again (then what was sent since counts), and where a notice or reminder has told of it, or still may.
 */
export async function untoldItem({
  queue,
  portalItems,
  message: { id, origin, aboutPortalItem },
}: {
  readonly queue: Pick<QueueStore, 'tellingOfItem'>;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly message: StoredMessage;
}): Promise<PortalItem | undefined> {
  if (aboutPortalItem === undefined || (origin !== 'pickup-notice' && origin !== 'pickup-reminder'))
    return undefined;
  const item = await portalItems.item(aboutPortalItem);
  if (item?.state !== 'waiting') return undefined;
  if (origin === 'pickup-notice' && item.noticeId !== undefined && item.noticeId !== id) return undefined;
  if (item.reminders === 0) return item;
  const mails = await queue.tellingOfItem(item.id, item.noticeId ?? '');
  const isOneOfThem = mails.some((one) => one.id === id);
  return isOneOfThem && mails.every((one) => one.id === id || !TELLS.includes(one.state)) ? item : undefined;
}
