import { z } from 'zod';
import type { PortalItem } from '../../model/portal-item.js';
import type { Json } from '../../shared/canonical-json.js';
import { UserError } from '../../shared/errors.js';
import { givenMailbox } from '../../shared/given-mailbox.js';
import { type ActContext, act } from './act.js';
import { OVERTAKEN } from './apply.js';
import { itemsMeant, openOnes, type PortalTarget, portalFilter } from './portal-items.js';
import { reason } from './reason.js';

const target = { target: z.string().min(1).max(254), recipient: z.string().max(254).optional() };

/** Ends pickup items: their links and open sessions stop working at once. */
export const revokePortalItems = act(z.strictObject({ ...target, reason }), async (context, input) => {
  const revoked: Json[] = [];
  for (const item of await openItems(context, input)) {
    const was = await revokeOne(context, item, input.reason);
    if (was !== undefined) revoked.push(shown(was, { wasRead: was.firstReadAt !== undefined }));
  }
  if (revoked.length === 0) throw new UserError(OVERTAKEN);
  // Their content is destroyed at the courier's next look.
  context.wake();
  return { items: revoked };
});

/**
 * Revokes one item, also where it is read in this very moment: others that were meant must not stay open for that.
 * @returns it as it was; undefined where it has ended in another way
 */
async function revokeOne(
  context: ActContext,
  item: PortalItem,
  reason: string,
): Promise<PortalItem | undefined> {
  const { portal, queue } = context.store;
  const { change, events } = context.revokeItem(item, context.actor.name, reason);
  if ((await queue.apply(change, events)).length > 0) return item;
  const now = await portal.item(item.id);
  // Of one that was read no recipient moves along.
  if (item.state === 'picked-up') return now?.state === 'revoked' ? item : undefined;
  return now?.state === 'picked-up' ? revokeOne(context, now, reason) : undefined;
}

/** No item gets more time than this at once, in milliseconds. */
const MOST_TIME = 365 * 86_400_000;

/** Lets pickup items stay longer. `by`: milliseconds. */
export const extendPortalItems = act(
  z.strictObject({ ...target, reason, by: z.int().min(60_000).max(MOST_TIME) }),
  async (context, input) => {
    const extended: Json[] = [];
    for (const item of await openItems(context, input)) {
      const expiresAt = Math.max(item.expiresAt, context.clock.now()) + input.by;
      if (await context.portalOperations.extend(item, expiresAt, context.actor.name, input.reason))
        extended.push(shown(item, { expiresAt }));
    }
    if (extended.length === 0) throw new UserError(OVERTAKEN);
    return { items: extended };
  },
);

/**
 * Sends the notices of pickup items again, each with a new link. One whose sender can't be told its passphrase keeps no other from
 * it: those are in `left`, with the reason.
 */
export const resendPortalItems = act(z.strictObject({ ...target, reason }), async (context, input) => {
  const resent: Json[] = [];
  const left: Json[] = [];
  const refusals = new Map<string, UserError>();
  for (const item of await openItems(context, input)) {
    try {
      if (await context.portalOperations.resend(item, context.actor.name, input.reason))
        resent.push(shown(item, {}));
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      refusals.set(error.message, error);
      left.push(shown(item, { reason: error.message }));
    }
  }
  if (resent.length === 0) throw inOne([...refusals.values()]) ?? new UserError(OVERTAKEN);
  context.wake();
  return { items: resent, left };
});

function inOne(refusals: readonly UserError[]): UserError | undefined {
  const [first, ...others] = refusals;
  return others.length === 0 ? first : new UserError(refusals.map(({ message }) => message).join('\n'));
}

async function openItems({ store }: ActContext, target: PortalTarget): Promise<readonly PortalItem[]> {
  const one = await store.portal.item(target.target);
  const found = one === undefined ? await store.portal.items(portalFilter(target)) : [];
  return openOnes(itemsMeant(one, found, target));
}

function shown(item: PortalItem, more: { readonly [key: string]: Json }): Json {
  return {
    item: item.id,
    messageId: item.messageId,
    recipient: item.recipient,
    ...(item.firstReadAt === undefined ? {} : { firstReadAt: item.firstReadAt }),
    ...more,
  };
}

/**
 * Unlocks a recipient's account, or removes it with `reset`, and makes a passphrase for what waits; the one answer with a
 * secret in it.
 */
export const unlockPortalRecipient = act(
  z.strictObject({ address: z.string().min(1).max(254), reset: z.boolean().optional() }),
  async (context, input) => {
    const { address } = givenMailbox(input.address, 'the recipient');
    const { portal } = context.store;
    const known =
      (await portal.account(address)) !== undefined ||
      (await portal.passkeys(address)).length > 0 ||
      (await portal.items({ recipient: address, limit: 1 })).length > 0;
    if (!known)
      throw new UserError(
        `${address} has no account and no message in the portal; \`portal list\` shows recipients`,
      );
    const reset =
      input.reset === true
        ? await context.portalOperations.resetAccount(address, context.actor.name)
        : undefined;
    if (reset === true) context.wake();
    return {
      unlocked: address,
      ...(reset === undefined ? {} : { reset }),
      ...(await context.unlockRecipient(address, context.actor.name)),
    };
  },
);
