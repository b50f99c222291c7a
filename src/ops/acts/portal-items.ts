import type { PortalItem } from '../../model/portal-item.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { givenMailbox } from '../../shared/given-mailbox.js';
import type { PortalStore } from '../../store/ports.js';

const MOST_ITEMS = 10_000;

/** What a person named: an item, a message with all its items, or a recipient with all of theirs. */
export interface PortalTarget {
  readonly target: string;
  /** Of a message's items only this recipient's. */
  readonly recipient?: string | undefined;
}

/** Where to look for the items that a person means, unless the target is the ID of one. */
export function portalFilter({ target }: PortalTarget): Parameters<PortalStore['items']>[0] {
  return target.includes('@')
    ? { recipient: givenMailbox(target, 'the recipient').address, limit: MOST_ITEMS }
    : { messageId: target, limit: MOST_ITEMS };
}

/**
 * The items that a person means, in whatever state.
 * @param one the item with that ID
 * @param found what `portalFilter` finds
 * @throws UserError when there are none
 */
export function itemsMeant(
  one: PortalItem | undefined,
  found: readonly PortalItem[],
  { target, recipient }: PortalTarget,
): readonly PortalItem[] {
  const items = one === undefined ? found : [one];
  if (items.length === 0)
    throw new UserError(
      target.includes('@')
        ? `no pickup item is for ${target}`
        : `no pickup item has the ID ${target}, and no message with that ID has any; \`portal list\` shows them`,
    );
  if (recipient === undefined) return items;
  const of = givenMailbox(recipient, 'the recipient').address;
  const theirs = items.filter((item) => foldAddress(item.recipient) === foldAddress(of));
  if (theirs.length === 0) throw new UserError(`${target} has no pickup item for ${of}`);
  return theirs;
}

/**
 * Those that are open.
 * @throws UserError when all have ended
 */
export function openOnes(items: readonly PortalItem[]): readonly PortalItem[] {
  const open = items.filter(({ state }) => state === 'waiting' || state === 'picked-up');
  const [first] = items;
  if (open.length > 0 || first === undefined) return open;
  throw new UserError(
    items.length === 1
      ? `the pickup item ${first.id} has ended already: ${first.state}`
      : `all ${items.length} pickup items have ended already`,
  );
}
