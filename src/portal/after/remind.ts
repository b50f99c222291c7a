import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { Log } from '../../ops/log.js';
import type { Clock } from '../../shared/clock.js';
import { errorFacts } from '../../shared/errors.js';
import type { NewMessage, PortalStore, QueueStore } from '../../store/ports.js';
import { createPages } from '../pages.js';
import { currentLink, nextLink } from './link.js';
import { reminderMail, waitingMail } from './reminder-mail.js';
import { dueReminders, nextReminderAt } from './schedule.js';
import { type AfterDeps, maySenderBeTold } from './to-sender.js';

export interface RemindDeps extends Pick<AfterDeps, 'bodies' | 'ownMail'> {
  readonly loaded: () => LoadedConfig;
  readonly portal: Pick<PortalStore, 'itemsToRemind' | 'changeItem'>;
  readonly queue: Pick<QueueStore, 'message' | 'recipients'>;
  /** As the portal's: at least 32 bytes, derived from the master key. */
  readonly codeKey: Uint8Array;
  readonly clock: Clock;
  readonly log: Log;
}

const PAGE = 100;

/**
 * Brings messages to mind that nobody picked up, and tells their senders. Mail and the time of the next are one commit,
 * so each is sent once, over restarts too. Gives whether anything changed.
 * @throws StoreUnavailable
 */
export function createRemind(deps: RemindDeps): (stopped: () => boolean) => Promise<boolean> {
  const pages = createPages([]);
  return async (stopped) => {
    let any = false;
    for (;;) {
      const now = deps.clock.now();
      const page = stopped() ? [] : await deps.portal.itemsToRemind(now, PAGE);
      let changed = 0;
      for (const item of page) if (!stopped() && (await alone(deps, item, pages, now))) changed += 1;
      any ||= changed > 0;
      if (page.length < PAGE || changed === 0) return any;
    }
  };
}

/** One that can't be reminded of, for a bug or for damage, must not keep all the others from it. */
async function alone(
  deps: RemindDeps,
  item: PortalItem,
  pages: AfterDeps['pages'],
  now: number,
): Promise<boolean> {
  try {
    return await remind(deps, item, pages, now);
  } catch (error) {
    if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
    deps.log.error({ item: item.id, ...errorFacts(error) }, 'a reminder could not be made');
    return false;
  }
}

async function remind(
  deps: RemindDeps,
  item: PortalItem,
  pages: AfterDeps['pages'],
  now: number,
): Promise<boolean> {
  const loaded = deps.loaded();
  const { portal } = loaded.config;
  const message = await deps.queue.message(item.messageId);
  const recipient = (await deps.queue.recipients(item.messageId)).find(
    (one) => one.index === item.recipientIndex,
  );
  // Without a portal nobody could read it; a recipient whom a person ended has nothing to read.
  const due =
    portal === undefined || recipient?.state !== 'in-portal'
      ? new Set()
      : dueReminders(portal.reminders, item, now);
  const next = portal === undefined ? undefined : nextReminderAt(portal.reminders, item, now);
  const made: AfterDeps = { loaded, bodies: deps.bodies, ownMail: deps.ownMail, pages };
  const mails: NewMessage[] = [];
  const events: AuditEvent[] = [];
  const queued = (kind: 'pickup-reminder' | 'portal-receipt', to: string, mail: NewMessage) => {
    mails.push(mail);
    events.push(
      auditEvent('notice.queued', {
        messageId: item.messageId,
        noticeId: mail.message.id,
        kind,
        recipient: to,
      }),
    );
  };
  const kind = due.has('ends-soon') ? 'ends-soon' : due.has('remind') ? 'remind' : undefined;
  let reminder: NewMessage | undefined;
  const known = currentLink(deps.codeKey, item);
  const link = known ?? nextLink(deps.codeKey, item);
  if (kind !== undefined) {
    reminder = await reminderMail(made, kind, item, link.secret, now);
    queued('pickup-reminder', item.recipient, reminder);
    events.push(auditEvent('portal.reminded', { ...about(item), kind }));
  }
  if (due.has('tell-sender') && message !== undefined && maySenderBeTold(loaded, message, recipient)) {
    queued(
      'portal-receipt',
      message.sender,
      await waitingMail(made, message, recipient?.decision, item, now),
    );
    events.push(auditEvent('portal.reminded', { ...about(item), kind: 'tell-sender' }));
  }
  return deps.portal.changeItem(
    item.id,
    {
      reminders: item.reminders + (kind === undefined ? 0 : 1),
      nextReminderAt: next ?? null,
      // Mail of before leads nowhere then.
      ...(reminder === undefined || known !== undefined
        ? {}
        : { linkHash: link.hash, noticeId: reminder.message.id }),
    },
    mails,
    events,
    ['waiting'],
  );
}

function about(item: PortalItem) {
  return { messageId: item.messageId, recipient: item.recipient, item: item.id };
}
