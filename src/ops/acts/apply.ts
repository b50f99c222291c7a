import type { AuditEvent } from '../../audit/events.js';
import { UserError } from '../../shared/errors.js';
import type { QueueChange } from '../../store/ports.js';
import type { ActContext } from './act.js';

/** What a person is told whose command came a moment too late. */
export const OVERTAKEN = 'nothing was done: the state changed in this very moment; look again';

/**
 * Applies a person's change with its events: all of it or nothing, because the relay, or somebody else, may have
 * moved the recipients on since they were looked at, and what was not done must not be on record.
 * @returns how many recipients changed
 * @throws UserError when it was overtaken
 */
export async function applyAct(
  context: ActContext,
  change: QueueChange,
  events: readonly AuditEvent[],
): Promise<number> {
  const changed = await context.store.queue.apply({ ...change, onlyIfAllApply: true }, events);
  if (changed.length === 0) throw new UserError(OVERTAKEN);
  return changed.length;
}
