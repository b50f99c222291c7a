import type { PortalConfig } from '../../config/schema.js';
import type { PortalItem } from '../../model/portal-item.js';

/** `remind`: the recipient, that it waits; `tell-sender`; `ends-soon`: the recipient, that it ends. */
export type ReminderKind = 'remind' | 'tell-sender' | 'ends-soon';

type Times = Pick<PortalItem, 'createdAt' | 'expiresAt'>;

/** All that happens while a message waits and nobody comes, by time (epoch milliseconds). */
function plan(
  reminders: PortalConfig['reminders'],
  { createdAt, expiresAt }: Times,
): readonly { readonly kind: ReminderKind; readonly at: number }[] {
  const { recipient_after, sender_after, before_expiry } = reminders;
  return [
    ...recipient_after.map((after) => ({ kind: 'remind' as const, at: createdAt + after })),
    ...(sender_after === undefined ? [] : [{ kind: 'tell-sender' as const, at: createdAt + sender_after }]),
    ...(before_expiry === undefined ? [] : [{ kind: 'ends-soon' as const, at: expiresAt - before_expiry }]),
  ]
    .filter(({ at }) => at > createdAt && at < expiresAt)
    .sort((a, b) => a.at - b.at);
}

/** When the next of it is due, later than `after`; undefined: nothing any more. */
export function nextReminderAt(
  reminders: PortalConfig['reminders'],
  item: Times,
  after: number,
): number | undefined {
  return plan(reminders, item).find(({ at }) => at > after)?.at;
}

/**
 * What is due now: from the item's `nextReminderAt` on, so that nothing is done twice, however long nobody looked or
 * whatever the configuration said before. Where the recipient would get two reminders at once, that of the end counts.
 */
export function dueReminders(
  reminders: PortalConfig['reminders'],
  item: Times & Pick<PortalItem, 'nextReminderAt'>,
  now: number,
): ReadonlySet<ReminderKind> {
  const from = item.nextReminderAt;
  if (from === undefined || now >= item.expiresAt) return new Set();
  const due = new Set(
    plan(reminders, item)
      .filter(({ at }) => at >= from && at <= now)
      .map(({ kind }) => kind),
  );
  if (due.has('ends-soon')) due.delete('remind');
  return due;
}
