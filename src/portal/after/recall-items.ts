import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { PortalConfig } from '../../config/schema.js';
import type { PortalItem } from '../../model/portal-item.js';
import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { PortalStore, QueueStore } from '../../store/ports.js';
import { revoke } from '../revoke.js';
import type { RecallTarget } from './recall-request.js';

export interface RecallStores {
  readonly portal: Pick<PortalStore, 'item' | 'items' | 'record'>;
  readonly queue: Pick<QueueStore, 'message' | 'recipients' | 'apply'>;
}

/** What came of one item. */
export type RecallOutcome = {
  readonly item: PortalItem;
  readonly result: 'taken-back' | 'taken-back-read' | 'was-read' | 'closed';
};

const OPEN = ['waiting', 'picked-up'] as const;
/** A message with more recipients in the portal is for a person to revoke. */
const MOST_ITEMS = 1000;
/** Messages of a sender among which a Message-ID is looked for, from the newest on. */
const MOST_SEARCHED = 200;

/**
 * The items that a request means: of messages whose envelope sender is the one who asks, and no others. An item that
 * somebody else sent is not there, whoever knows its ID.
 */
export async function itemsMeant(
  { portal, queue }: RecallStores,
  target: RecallTarget,
  sender: string,
): Promise<readonly PortalItem[]> {
  const found: PortalItem[] = [];
  switch (target.kind) {
    case 'recipient':
      found.push(
        ...(await portal.items({ recipient: target.address, sender, states: OPEN, limit: MOST_SEARCHED })),
      );
      break;
    case 'message-id': {
      const items = await portal.items({ sender, states: OPEN, limit: MOST_SEARCHED });
      for (const item of items)
        if ((await queue.message(item.messageId))?.headerMessageId === target.value) found.push(item);
      // What stands in angle brackets may be an address as well.
      const address = parseAddress(target.value.slice(1, -1));
      if (found.length === 0 && address.ok)
        return itemsMeant({ portal, queue }, { kind: 'recipient', address: address.mailbox.address }, sender);
      break;
    }
    case 'id':
      for (const id of target.ids) {
        const about = (await queue.message(id))?.aboutPortalItem ?? id;
        const item = await portal.item(about);
        if (item === undefined) found.push(...(await portal.items({ messageId: about, limit: MOST_ITEMS })));
        else found.push(item);
      }
  }
  const own = found.filter((item) => item.sender !== '' && foldAddress(item.sender) === foldAddress(sender));
  return [...new Map(own.map((item) => [item.id, item])).values()];
}

/**
 * Takes one item back, as far as the configuration lets senders. One commit; a reading in this very moment wins, and is
 * then judged as a reading.
 */
export async function recallItem(
  { portal, queue }: RecallStores,
  policy: PortalConfig['recall'],
  item: PortalItem,
  request: { readonly id: string; readonly sender: string },
): Promise<RecallOutcome> {
  const about = { messageId: item.messageId, recipient: item.recipient, item: item.id };
  const asked = { sender: request.sender, requestId: request.id };
  const refuse = async (result: 'was-read' | 'closed', reason: string): Promise<RecallOutcome> => {
    await portal.record([auditEvent('portal.recall-refused', { ...about, ...asked, reason })]);
    return { item, result };
  };
  if (item.state !== 'waiting' && item.state !== 'picked-up')
    return refuse('closed', `the item is ${item.state}`);
  const wasRead = item.state === 'picked-up';
  if (wasRead && policy !== 'always') return refuse('was-read', 'it was read before');
  const { change, events } = revoke(item, request.sender, 'taken back by its sender');
  const all: AuditEvent[] = [auditEvent('portal.recalled', { ...about, ...asked, wasRead }), ...events];
  const changed = await queue.apply(change, all);
  if (changed.length > 0) return { item, result: 'taken-back' };
  const now = await portal.item(item.id);
  // Of one that was read no recipient moves along.
  if (wasRead && now?.state === 'revoked') return { item, result: 'taken-back-read' };
  return now === undefined || now.state === 'waiting'
    ? refuse('closed', 'the recipient has reached another end')
    : recallItem({ portal, queue }, policy, now, request);
}
