import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { PortalItem } from '../model/portal-item.js';
import { UserError } from '../shared/errors.js';
import type { QueueChange } from '../store/ports.js';

/**
 * The change, and its events, that close an item for good, where it is still as it is given. Whoever has it open is refused at the
 * next request; what was already read stays read, so a recipient who is `picked-up` stays so.
 * @throws UserError when the item is closed already
 */
export function revoke(
  item: PortalItem,
  actor: string,
  reason: string,
): { readonly change: QueueChange; readonly events: AuditEvent[] } {
  const { id, messageId, recipient } = item;
  if (item.state !== 'waiting' && item.state !== 'picked-up')
    throw new UserError(`the portal item ${id} is closed already: it is ${item.state}`);
  const events: AuditEvent[] = [
    auditEvent('portal.revoked', { messageId, recipient, item: id, actor, reason }),
  ];
  if (item.state === 'waiting')
    events.push(auditEvent('recipient.ended', { messageId, recipient, actor, reason }));
  return {
    change: {
      onlyIfAllApply: true,
      changePortalItems: [{ id, from: [item.state], state: 'revoked' }],
      // The row of a message that was read has its end already.
      recipients:
        item.state === 'waiting'
          ? [{ key: { messageId, index: item.recipientIndex }, from: ['in-portal'], set: { state: 'ended' } }]
          : [],
    },
    events,
  };
}
