import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { parseDuration } from '../../config/units.js';
import { parseAddress } from '../../shared/address.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { act } from './act.js';
import { reason } from './reason.js';

/** Puts an address on the suppression list, in place of what is known of it there. */
export const addSuppression = act(
  z.strictObject({ address: z.string().min(1), reason, for: z.string().optional() }),
  async (context, input) => {
    const address = readAddress(input.address);
    const addedAt = context.clock.now();
    const lasts = input.for === undefined ? undefined : parseDuration(input.for);
    if (input.for !== undefined && (lasts === undefined || lasts <= 0))
      throw new UserError(`${input.for} is not a time span: give one such as 12h or 30d`, { exitStatus: 2 });
    const until = lasts === undefined ? {} : { expiresAt: addedAt + lasts };
    const actor = context.actor.name;
    await context.store.suppressions.put({ address, reason: input.reason, actor, addedAt, ...until }, [
      auditEvent('suppression.added', { recipient: address, reason: input.reason, actor, ...until }),
    ]);
    return { suppressed: address, ...until };
  },
);

/** Takes an address off the list, so that mail to it is tried again. What bounced meanwhile stays as it is. */
export const removeSuppression = act(
  z.strictObject({ address: z.string().min(1), reason: reason.optional() }),
  async (context, input) => {
    const address = readAddress(input.address);
    const removed = await context.store.suppressions.remove(address, [
      auditEvent('suppression.removed', {
        recipient: address,
        actor: context.actor.name,
        ...(input.reason === undefined ? {} : { reason: input.reason }),
      }),
    ]);
    if (!removed) throw new UserError(`${address} is not on the suppression list`);
    return { removed: address };
  },
);

function readAddress(text: string): string {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new UserError(`the address ${parsed.reason}`, { exitStatus: 2 });
  return foldAddress(parsed.mailbox.address);
}
