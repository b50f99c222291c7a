import { z } from 'zod';
import { UserError } from '../../shared/errors.js';
import { act } from './act.js';
import { applyAct } from './apply.js';

/** Ends a pickup item: its link and open sessions stop working at once. */
export const revokePortalItem = act(
  z.strictObject({ item: z.string().min(1), reason: z.string().min(1).max(500) }),
  async (context, input) => {
    const item = await context.store.portal.item(input.item);
    if (item === undefined) throw new UserError(`no pickup item has the ID ${input.item}`);
    if (item.state !== 'waiting' && item.state !== 'picked-up') {
      throw new UserError(`the pickup item ${item.id} has ended already: ${item.state}`);
    }
    const { change, events } = context.revokeItem(item, context.actor, input.reason);
    // The row of a message that was read has its end already; only one that still waits moves along with the item.
    if (item.state === 'waiting') await applyAct(context, change, events);
    else await context.store.queue.apply(change, events);
    return { revoked: item.id, wasRead: item.firstReadAt !== undefined };
  },
);
