import { z } from 'zod';
import { parseAddress } from '../../shared/address.js';
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
    // Its content is destroyed at the courier's next look.
    context.wake();
    return { revoked: item.id, wasRead: item.firstReadAt !== undefined };
  },
);

/** Unlocks a recipient's account and makes a passphrase for what waits; the one answer with a secret in it. */
export const unlockPortalRecipient = act(
  z.strictObject({ address: z.string().min(1).max(254) }),
  async (context, input) => {
    const parsed = parseAddress(input.address);
    if (!parsed.ok)
      throw new UserError(`${JSON.stringify(input.address)} ${parsed.reason}`, { exitStatus: 2 });
    const { address } = parsed.mailbox;
    const { portal } = context.store;
    const known =
      (await portal.account(address)) !== undefined ||
      (await portal.passkeys(address)).length > 0 ||
      (await portal.items({ recipient: address, limit: 1 })).length > 0;
    if (!known)
      throw new UserError(
        `${address} has no account and no message in the portal; \`portal list\` shows recipients`,
      );
    return { unlocked: address, ...(await context.unlockRecipient(address, context.actor)) };
  },
);
