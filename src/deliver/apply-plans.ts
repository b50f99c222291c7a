import type { RecipientKey } from '../model/message.js';
import type { QueueChange } from '../store/ports.js';
import type { JobDeps } from './job-deps.js';
import type { Planned } from './planned.js';
import { removeBodyFile } from './remove-body-file.js';

type ApplyDeps = Pick<JobDeps, 'queue' | 'bodies' | 'log'>;

/**
 * Commits what is to become of recipients.
 * @returns whether something became due now: mail of our own, or another method
 */
export async function applyAll(deps: ApplyDeps, plans: readonly Planned[]): Promise<boolean> {
  for (const one of plans) await applyOne(deps, one);
  return plans.some(({ change }) => makesDue(change));
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
      for (const before of plans) await applyOne(deps, before);
      throw error;
    }
  }
  return plans;
}

async function applyOne(deps: ApplyDeps, { change, events }: Planned): Promise<void> {
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

function makesDue(change: QueueChange): boolean {
  return (
    (change.create ?? []).length > 0 || (change.recipients ?? []).some((one) => one.set.method !== undefined)
  );
}
