import { auditEvent } from '../../audit/events.js';
import { UserError } from '../../shared/errors.js';
import type { ActContext } from './act.js';

/**
 * Refuses a command for want of a right, on record.
 * @throws UserError always
 */
export async function refuse(
  { store, actor }: Pick<ActContext, 'store' | 'actor'>,
  act: string,
  reason: string,
): Promise<never> {
  await store.audit.record([auditEvent('operator.refused', { actor: actor.name, act, reason })]);
  throw new UserError(`not allowed: ${reason}`);
}
