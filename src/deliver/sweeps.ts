import { auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import type { Log } from '../ops/log.js';
import type { Clock } from '../shared/clock.js';
import { errorFacts } from '../shared/errors.js';
import type { BodyStore, PortalStore, QueueStore, SuppressionStore } from '../store/ports.js';
import { bounceAll } from './bounce.js';
import { undeliverableNotice } from './notice-undeliverable.js';
import { merged, type Planned } from './planned.js';
import { removeBodyFile } from './remove-body-file.js';

const PAGE = 100;

export interface SweepDeps {
  readonly loaded: () => LoadedConfig;
  readonly queue: QueueStore;
  readonly portalItems: Pick<
    PortalStore,
    'item' | 'expiredItems' | 'closedItemsWithContent' | 'destroyItemContent'
  >;
  readonly suppressions: Pick<SuppressionStore, 'forgetExpired'>;
  readonly bodies: Pick<BodyStore, 'seal' | 'open' | 'remove'>;
  /** Destroys content while nobody reads it. Given by the portal. */
  readonly whileUnread?: <T>(
    content: { readonly messageId: string; readonly item?: string },
    destroy: () => Promise<T>,
  ) => Promise<T>;
  /** Reminds of what waits in the portal; gives whether anything changed. Given by the portal. */
  readonly remind?: (stopped: () => boolean) => Promise<boolean>;
  readonly clock: Clock;
  readonly log: Log;
  /** True once the relay stops: what is left waits for the next start. */
  readonly stopped: () => boolean;
}

/** Ends what nobody ended in time, reminds of what waits, and destroys what nobody needs any more. Gives whether anything changed. */
export async function sweep(deps: SweepDeps): Promise<boolean> {
  const holds = await expireHolds(deps);
  const items = await expireItems(deps);
  const reminded = (await deps.remind?.(deps.stopped)) ?? false;
  await deps.suppressions.forgetExpired(deps.clock.now());
  const content = await destroyFinished(deps);
  const closed = await destroyClosedItems(deps);
  return holds || items || reminded || content || closed;
}

/** A hold that nobody decided becomes a bounce. One by one, because a person may release it in this very moment. */
async function expireHolds(deps: SweepDeps): Promise<boolean> {
  let any = false;
  for (;;) {
    const now = deps.clock.now();
    const page = deps.stopped() ? [] : await deps.queue.expiredHolds(now, PAGE);
    let changed = 0;
    for (const recipient of page)
      if (await alone(deps, recipient.messageId, () => expireHold(deps, recipient, now))) changed += 1;
    any ||= changed > 0;
    if (page.length < PAGE || changed === 0) return any;
  }
}

async function expireHold(deps: SweepDeps, recipient: StoredRecipient, now: number): Promise<boolean> {
  const message = await deps.queue.message(recipient.messageId);
  if (message === undefined) return false;
  const loaded = deps.loaded();
  const consequence = await undeliverableNotice({ ...deps, loaded, message, now });
  const plan = await bounceAll({
    ...deps,
    loaded,
    message,
    now,
    from: ['held'],
    bounced: [
      { recipient, status: '5.7.1', reason: 'it was held for review and nobody released it in time' },
    ],
  });
  // In one: a notice that a person releases in this very moment leads to an item that must still be there.
  const { change, events } = merged(consequence === undefined ? [plan] : [consequence, plan]);
  return (await deps.queue.apply({ ...change, onlyIfAllApply: true }, events)).length > 0;
}

/**
 * Ends one row; gives whether it changed. One that can't be ended, for a bug or for damage, must not keep all the
 * others from their end; it is tried again by the next sweep.
 */
async function alone(deps: SweepDeps, id: string, work: () => Promise<boolean>): Promise<boolean> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
    deps.log.error({ id, ...errorFacts(error) }, 'a message whose time is over could not be ended');
    return false;
  }
}

/** Items whose time is over are closed; where nobody had picked the message up, the sender is told. */
async function expireItems(deps: SweepDeps): Promise<boolean> {
  let any = false;
  for (;;) {
    const now = deps.clock.now();
    const page = deps.stopped() ? [] : await deps.portalItems.expiredItems(now, PAGE);
    let changed = 0;
    for (const item of page)
      if (await alone(deps, item.messageId, () => expireItem(deps, item, now))) changed += 1;
    any ||= changed > 0;
    if (page.length < PAGE || changed === 0) return any;
  }
}

async function expireItem(deps: SweepDeps, item: PortalItem, now: number): Promise<boolean> {
  const plan = await closeItem(deps, item, now);
  // A pickup, or somebody who gives it more time, in this very moment wins: then nothing of this is written.
  const keys = await deps.queue.apply({ ...plan.change, onlyIfAllApply: true }, plan.events);
  return keys.length > 0 || item.state === 'picked-up';
}

async function closeItem(deps: SweepDeps, item: PortalItem, now: number): Promise<Planned> {
  const closed: Planned = {
    change: { changePortalItems: [{ id: item.id, from: [item.state], overAt: now, state: 'expired' }] },
    events: [
      auditEvent('portal.expired', { messageId: item.messageId, recipient: item.recipient, item: item.id }),
    ],
  };
  if (item.state !== 'waiting') return closed;
  const message = await deps.queue.message(item.messageId);
  const recipient = (await deps.queue.recipients(item.messageId)).find(
    (one) => one.index === item.recipientIndex,
  );
  // A row that reached its end in another way needs no second one.
  if (message === undefined || recipient?.state !== 'in-portal') return closed;
  const told = await bounceAll({
    ...deps,
    loaded: deps.loaded(),
    message: await withContent(deps, message, item.id),
    now,
    as: 'expired',
    from: ['in-portal'],
    bounced: [{ recipient, status: '4.4.7', reason: 'it was not picked up from the portal in time' }],
  });
  return merged([closed, told]);
}

/** The message with the item's copy of it: its own content goes when the last recipient leaves the queue. */
async function withContent(deps: SweepDeps, message: StoredMessage, itemId: string): Promise<StoredMessage> {
  const body = (await deps.portalItems.item(itemId))?.body;
  return body === undefined ? message : { ...message, body };
}

/** Forgets keys and content of messages that are done with (45 CFR 164.310(d)(2)(i), disposal). */
async function destroyFinished(deps: SweepDeps): Promise<boolean> {
  let any = false;
  for (;;) {
    const page = deps.stopped() ? [] : await deps.queue.finished(PAGE);
    // A page at once, so that they share commits.
    const changed = await Promise.all(
      page.map((messageId) =>
        alone(deps, messageId, () => unread(deps, { messageId }, () => destroyOne(deps, messageId))),
      ),
    );
    const anyHere = changed.includes(true);
    any ||= anyHere;
    if (page.length < PAGE || !anyHere) return any;
  }
}

function unread(
  { whileUnread }: Pick<SweepDeps, 'whileUnread'>,
  content: { readonly messageId: string; readonly item?: string },
  destroy: () => Promise<boolean>,
): Promise<boolean> {
  return whileUnread === undefined ? destroy() : whileUnread(content, destroy);
}

/** False when the store refused because something still needs the content. */
async function destroyOne(deps: SweepDeps, messageId: string): Promise<boolean> {
  let files: readonly string[];
  try {
    files = await deps.queue.destroyContent(messageId, [
      auditEvent('content.destroyed', {
        messageId,
        reason: 'every recipient has reached an end, or has a copy in the portal',
      }),
    ]);
  } catch (error) {
    if (error instanceof Error && error.name === 'ChangeRefused') return false;
    throw error;
  }
  for (const file of files) await removeBodyFile(deps, messageId, file);
  return true;
}

/** Forgets keys and content of what expired, was revoked or could not be told of: nobody may open it any more. */
async function destroyClosedItems(deps: SweepDeps): Promise<boolean> {
  let any = false;
  for (;;) {
    const page = deps.stopped() ? [] : await deps.portalItems.closedItemsWithContent(PAGE);
    let changed = 0;
    for (const item of page)
      if (
        await alone(deps, item.messageId, () =>
          unread(deps, { messageId: item.messageId, item: item.id }, () => destroyItem(deps, item)),
        )
      )
        changed += 1;
    any ||= changed > 0;
    if (page.length < PAGE || changed === 0) return any;
  }
}

async function destroyItem(deps: SweepDeps, item: ClosedItem): Promise<boolean> {
  const { id, messageId, recipient } = item;
  const files = await deps.portalItems.destroyItemContent(id, [
    auditEvent('content.destroyed', { messageId, recipient, item: id, reason: 'the portal item is closed' }),
  ]);
  for (const file of files) await removeBodyFile(deps, messageId, file);
  return true;
}

type ClosedItem = Awaited<ReturnType<PortalStore['closedItemsWithContent']>>[number];
