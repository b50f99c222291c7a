import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { act } from './act.js';
import { reason as oneLineReason } from './reason.js';

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/;
const name = z.string().regex(NAME, {
  error:
    'the name of a legal hold has small letters, digits, dots, dashes and underscores, and 63 characters at most',
});
const reason = z.string().trim().min(1, { error: 'a legal hold needs a reason' }).pipe(oneLineReason);
const time = z.int().min(0).max(253_402_300_799_999);
/** An address or `@domain`, as the command line has checked it. */
const address = z
  .string()
  .regex(/^[^\s@]*@[^\s@]+$|^"[^\r\n]*"@[^\s@]+$/u)
  .max(320);

/** Places a legal hold: from now on nothing that it covers is removed from the log or destroyed. */
export const addLegalHold = act(
  z.strictObject({
    name,
    reason,
    since: time.optional(),
    until: time.optional(),
    address: address.optional(),
  }),
  async ({ store, clock, actor, wake }, input) => {
    const { since, until } = input;
    if (since !== undefined && until !== undefined && since >= until)
      throw new UserError('the period of a legal hold must begin before it ends', { exitStatus: 2 });
    const scope = {
      ...(since === undefined ? {} : { since }),
      ...(until === undefined ? {} : { until }),
      ...(input.address === undefined ? {} : { address: foldAddress(input.address) }),
    };
    const hold = { name: input.name, reason: input.reason, actor: actor.name, ...scope };
    const added = await store.legalHolds.add({ ...hold, createdAt: clock.now() }, [
      auditEvent('legal-hold.added', hold),
    ]);
    if (!added)
      throw new UserError(`there is a legal hold ${input.name}; \`sallyport audit hold list\` shows them`);
    wake();
    return { added: input.name, ...scope };
  },
);

/** Removes a legal hold: what no other one covers goes when its time is over, or has been. */
export const removeLegalHold = act(
  z.strictObject({ name, reason }),
  async ({ store, actor, wake }, input) => {
    const files = await store.legalHolds.remove(input.name, [
      auditEvent('legal-hold.removed', { actor: actor.name, name: input.name, reason: input.reason }),
    ]);
    if (files === false)
      throw new UserError(`there is no legal hold ${input.name}; \`sallyport audit hold list\` shows them`);
    for (const file of files) await store.bodies.remove(file);
    wake();
    return { removed: input.name };
  },
);

/** Removes the months of the audit log whose time is over, as the configuration says. */
export const pruneAudit = act(z.strictObject({}), async ({ store, loaded, actor }) => {
  const { retention } = loaded.config.audit;
  if (retention === 'forever')
    throw new UserError('`audit.retention` is `forever`: nothing is ever removed', { exitStatus: 2 });
  const plan = await store.pruneAudit({ retention, actor: actor.name, most: Number.MAX_SAFE_INTEGER });
  return {
    removed: plan.remove.map((one) => ({ ...one })),
    overdue: plan.overdue,
    ...(plan.heldBack === undefined
      ? {}
      : { heldBack: { month: plan.heldBack.month, holds: [...plan.heldBack.holds] } }),
  };
});
