import { z } from 'zod';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { StoredRecipient } from '../../model/message.js';
import { METHODS, type Method } from '../../model/method.js';
import type { Approval } from '../../model/operator.js';
import { UserError } from '../../shared/errors.js';
import type { QueueChange, RecipientChange } from '../../store/ports.js';
import { type ActContext, act } from './act.js';
import { applyAct, OVERTAKEN } from './apply.js';
import { findRecipients } from './find-recipient.js';
import { reason } from './reason.js';
import { planRelease } from './release-plan.js';

const target = { id: z.string().min(1), recipient: z.string().optional() };

/**
 * Releases held recipients by an allowed method: never `plain` where a rule asked for protection, never outside what
 * the rules allow. The order of methods to fall back along is kept within the same limits. Where a rule asks for two
 * people, the first one's word is kept, and the second's releases.
 */
export const releaseHeld = act(
  z.strictObject({
    ...target,
    method: z.enum(METHODS).optional(),
    reason: reason.optional(),
  }),
  async (context, input) => {
    const { recipients } = await findRecipients(context, input.id, input.recipient, ['held']);
    const approvals = await context.store.operators.approvals(input.id);
    const changes: RecipientChange[] = [];
    const approve: Approval[] = [];
    const events: AuditEvent[] = [];
    for (const one of recipients) {
      const { fallbacks, plan } = await planFor(context, one, input.method, approvals);
      const about = {
        messageId: one.messageId,
        recipient: one.address,
        actor: context.actor.name,
        ...(input.reason === undefined ? {} : { reason: input.reason }),
      };
      if (plan.kind === 'approve') {
        const { method } = plan;
        const at = context.clock.now();
        approve.push({
          messageId: one.messageId,
          index: one.index,
          operator: context.actor.name,
          method,
          at,
        });
        // It must still be held; nothing of it changes.
        changes.push({ key: { messageId: one.messageId, index: one.index }, from: ['held'], set: {} });
        events.push(auditEvent('held.approved', { ...about, method }));
      } else {
        changes.push(releaseOf(context, one, plan.method, fallbacks));
        events.push(
          auditEvent('recipient.released', {
            ...about,
            method: plan.method,
            ...(plan.approvedBy === undefined ? {} : { approvedBy: plan.approvedBy }),
          }),
        );
      }
    }
    const changed = await applyAct(context, { recipients: changes, approve }, events);
    context.wake();
    return { released: changed - approve.length, approved: approve.length };
  },
);

/** @throws UserError when it may not be released */
async function planFor(
  context: ActContext,
  one: StoredRecipient,
  named: Method | undefined,
  approvals: readonly Approval[],
) {
  const availability = await context.availability(one);
  const allowedWhere = (options: { readonly named: boolean }) =>
    one.decision === undefined ? [] : context.methodsAfterRelease(one.decision, availability, options);
  const approval = approvals.find(({ index }) => index === one.index);
  const fallbacks = allowedWhere({ named: false });
  const plan = planRelease({
    actor: context.actor,
    decision: one.decision,
    named,
    allowed: allowedWhere({ named: true }),
    usual: fallbacks,
    approval,
    approver: approval && (await context.store.operators.operator(approval.operator)),
  });
  if (plan.kind === 'refuse') throw new UserError(`${one.address}: ${plan.reason}`);
  return { fallbacks, plan };
}

function releaseOf(
  context: ActContext,
  one: StoredRecipient,
  method: Method,
  fallbacks: readonly Method[],
): RecipientChange {
  const { decision } = one;
  if (decision === undefined) throw new Error('a release of what was never decided');
  const now = context.clock.now();
  const order = [method, ...fallbacks.filter((other) => other !== method)];
  const demand = { ...decision.demand, disposition: 'send' } as const;
  return {
    key: { messageId: one.messageId, index: one.index },
    from: ['held'],
    set: {
      state: 'pending',
      method,
      decision: { ...decision, demand, order },
      attempts: 0,
      nextAttemptAt: now,
      expiresAt: now + context.loaded.config.delivery.lifetime,
      tlsFailingSince: null,
      lastStatus: null,
      lastReason: null,
    },
  };
}

/** Bounces held recipients to the sender with a reason. */
export const rejectHeld = act(z.strictObject({ ...target, reason }), async (context, input) => {
  const { message, recipients } = await findRecipients(context, input.id, input.recipient, ['held']);
  let rejected = 0;
  for (const one of recipients) {
    const { change, events } = await context.bounce(message, one, '5.7.1', input.reason);
    const ended = auditEvent('recipient.ended', {
      messageId: one.messageId,
      recipient: one.address,
      actor: context.actor.name,
      reason: input.reason,
    });
    const all: QueueChange = { ...change, onlyIfAllApply: true };
    const changed = await context.store.queue.apply(all, [ended, ...events]);
    // Not that of the message that a pickup notice leads to.
    rejected += changed.filter(({ messageId }) => messageId === one.messageId).length;
  }
  if (rejected === 0) throw new UserError(OVERTAKEN);
  context.wake();
  return { rejected };
});
