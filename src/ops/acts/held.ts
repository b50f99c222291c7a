import { z } from 'zod';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import { METHODS } from '../../model/method.js';
import { UserError } from '../../shared/errors.js';
import type { QueueChange, RecipientChange } from '../../store/ports.js';
import { act } from './act.js';
import { applyAct, OVERTAKEN } from './apply.js';
import { findRecipients } from './find-recipient.js';

const target = { id: z.string().min(1), recipient: z.string().optional() };

/**
 * Releases held recipients by an allowed method: never `plain` where a rule asked for protection, never outside what
 * the rules allow. The order of methods to fall back along is kept within the same limits.
 */
export const releaseHeld = act(
  z.strictObject({ ...target, method: z.enum(METHODS).optional() }),
  async (context, input) => {
    const { recipients } = await findRecipients(context, input.id, input.recipient, ['held']);
    const now = context.clock.now();
    const changes: RecipientChange[] = [];
    const events: AuditEvent[] = [];
    for (const one of recipients) {
      if (one.decision === undefined)
        throw new UserError(`${one.address} was never decided; it can only be rejected`);
      if (one.decision.cannotRewrite !== undefined)
        throw new UserError(
          `the rules ask that the message be rewritten for ${one.address}, and that is impossible: ${one.decision.cannotRewrite}; reject it`,
        );
      const availability = await context.availability(one.address);
      const fallbacks = context.methodsAfterRelease(one.decision, availability, { named: false });
      const allowed =
        input.method === undefined
          ? fallbacks
          : context.methodsAfterRelease(one.decision, availability, { named: true });
      const first = input.method ?? allowed[0];
      if (first === undefined) {
        throw new UserError(
          `no method is left for ${one.address} that the rules allow and the recipient can receive; reject it, or see with \`keys find\` and \`check\` what it lacks`,
        );
      }
      if (!allowed.includes(first)) {
        throw new UserError(
          `${first} is not allowed for ${one.address}; allowed: ${allowed.length === 0 ? 'none' : allowed.join(', ')}`,
        );
      }
      const order = [first, ...fallbacks.filter((method) => method !== first)];
      const demand = { ...one.decision.demand, disposition: 'send' } as const;
      changes.push({
        key: { messageId: one.messageId, index: one.index },
        from: ['held'],
        set: {
          state: 'pending',
          method: first,
          decision: { ...one.decision, demand, order },
          attempts: 0,
          nextAttemptAt: now,
          expiresAt: now + context.loaded.config.delivery.lifetime,
          tlsFailingSince: null,
          lastStatus: null,
          lastReason: null,
        },
      });
      events.push(
        auditEvent('recipient.released', {
          messageId: one.messageId,
          recipient: one.address,
          actor: context.actor.name,
          method: first,
        }),
      );
    }
    const released = await applyAct(context, { recipients: changes }, events);
    context.wake();
    return { released };
  },
);

/** Bounces held recipients to the sender with a reason. */
export const rejectHeld = act(
  z.strictObject({ ...target, reason: z.string().min(1).max(500) }),
  async (context, input) => {
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
      // Only what still waits: a row that was released meanwhile may be on its way to the recipient.
      const onlyHeld: QueueChange = {
        ...change,
        recipients: (change.recipients ?? []).map((row) => ({ ...row, from: ['held'] })),
        onlyIfAllApply: true,
      };
      const changed = await context.store.queue.apply(onlyHeld, [ended, ...events]);
      rejected += changed.length;
    }
    if (rejected === 0) throw new UserError(OVERTAKEN);
    context.wake();
    return { rejected };
  },
);
