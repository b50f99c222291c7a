import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { PortalItem } from '../model/portal-item.js';
import { UserError } from '../shared/errors.js';
import type { PortalStore, QueueChange } from '../store/ports.js';

/**
 * The change, and its events, that close an item for good. Whoever has it open is refused at the next request; what
 * was already read stays read, so a recipient who is `picked-up` stays so.
 * @throws UserError when there is no such item, or it is closed already
 */
export async function revoke(
  portal: Pick<PortalStore, 'item'>,
  itemId: string,
  actor: string,
  reason: string,
): Promise<{ readonly item: PortalItem; readonly change: QueueChange; readonly events: AuditEvent[] }> {
  const item = await portal.item(itemId);
  if (item === undefined)
    throw new UserError(`there is no portal item ${itemId}; \`sallyport portal list\` shows them`);
  if (item.state !== 'waiting' && item.state !== 'picked-up')
    throw new UserError(`the portal item ${itemId} is closed already: it is ${item.state}`);
  const { messageId, recipient } = item;
  const events: AuditEvent[] = [
    auditEvent('portal.revoked', { messageId, recipient, item: item.id, actor, reason }),
  ];
  if (item.state === 'waiting')
    events.push(auditEvent('recipient.ended', { messageId, recipient, actor, reason }));
  return {
    item,
    change: {
      changePortalItems: [{ id: item.id, from: ['waiting', 'picked-up'], state: 'revoked' }],
      recipients: [
        { key: { messageId, index: item.recipientIndex }, from: ['in-portal'], set: { state: 'ended' } },
      ],
    },
    events,
  };
}
