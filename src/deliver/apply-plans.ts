import type { RecipientKey } from '../model/message.js';
import type { Log } from '../ops/log.js';
import { errorCode } from '../shared/errors.js';
import type { JobDeps } from './job-deps.js';
import type { Planned } from './planned.js';
import { removeBodyFile } from './remove-body-file.js';

type ApplyDeps = Pick<JobDeps, 'queue' | 'bodies' | 'log'>;

/**
 * Commits what is to become of recipients. What the store refuses of one plan keeps nothing of the others from the disk, and
 * not that a server has taken the message: it would be sent again. Each refusal is a bug on our side, and logged; its rows
 * are tried again at the time already committed.
 * @returns whether something became due now: mail of our own, or another method
 * @throws StoreUnavailable at once
 */
export async function applyAll(deps: ApplyDeps, plans: readonly Planned[]): Promise<boolean> {
  let due = false;
  for (const one of plans) {
    try {
      await applyOne(deps, one);
      due ||= makesDue(one);
    } catch (error) {
      if (error instanceof Error && error.name === 'StoreUnavailable') throw error;
      logRefusal(deps.log, error, one.change.recipients?.[0]?.key.messageId);
      const arrived = arrivedOf(one);
      if (arrived !== undefined) await applyAll(deps, [arrived]);
    }
  }
  return due;
}

/** Its text may hold anything. */
export function logRefusal(log: Log, error: unknown, id?: string): void {
  const facts = { error: error instanceof Error ? error.name : typeof error, code: errorCode(error) };
  log.error({ ...(id === undefined ? {} : { id }), ...facts }, 'a change of the queue could not be made');
}

/** Those to whom it was delivered, alone; undefined: nobody, or nobody else. */
function arrivedOf({ change, events }: Planned): Planned | undefined {
  const all = change.recipients ?? [];
  const recipients = all.filter(({ set }) => set.state === 'delivered');
  const isAll = recipients.length === all.length && (change.create ?? []).length === 0;
  if (recipients.length === 0 || isAll) return undefined;
  return {
    change: { recipients, rememberTls: change.rememberTls ?? [] },
    events: events.filter(({ type }) => type === 'recipient.delivered'),
  };
}

/**
 * Plans for one after the other. When the store fails in the middle, what came of those before is applied first: their
 * servers may have the message.
 */
export async function oneByOne<T>(
  deps: ApplyDeps,
  all: readonly T[],
  plan: (one: T) => Promise<readonly Planned[]>,
): Promise<readonly Planned[]> {
  const plans: Planned[] = [];
  for (const one of all) {
    try {
      plans.push(...(await plan(one)));
    } catch (error) {
      await applyAll(deps, plans);
      throw error;
    }
  }
  return plans;
}

async function applyOne(deps: ApplyDeps, { before, change, events }: Planned): Promise<void> {
  if (before !== undefined) await applyOne(deps, before);
  let applied: readonly RecipientKey[] = [];
  try {
    applied = await deps.queue.apply(change, events);
  } finally {
    // What the portal was to keep for a recipient whom somebody ended meanwhile: no row names it.
    const overtaken = (change.createPortalItems ?? []).filter(
      (item) => !applied.some((key) => key.messageId === item.messageId && key.index === item.recipientIndex),
    );
    for (const { messageId, body } of overtaken)
      if (body?.content.kind === 'file') await removeBodyFile(deps, messageId, body.content.name);
  }
}

function makesDue({ before, change }: Planned): boolean {
  return (
    (before !== undefined && makesDue(before)) ||
    (change.create ?? []).length > 0 ||
    (change.recipients ?? []).some((one) => one.set.method !== undefined)
  );
}
