import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import type { RecipientState } from '../../model/message.js';
import type { Actor } from '../../model/operator.js';
import { canonicalDomain } from '../../shared/address.js';
import { UserError } from '../../shared/errors.js';
import { act } from './act.js';
import { applyAct } from './apply.js';
import { findRecipients } from './find-recipient.js';
import { reason } from './reason.js';
import { refuse } from './refuse.js';

const target = { id: z.string().min(1), recipient: z.string().optional() };

/** Tries pending recipients again now. */
export const retryQueued = act(z.strictObject(target), async (context, input) => {
  const { recipients } = await findRecipients(context, input.id, input.recipient, ['pending']);
  const retried = await applyAct(
    context,
    {
      recipients: recipients.map((one) => ({
        key: { messageId: one.messageId, index: one.index },
        from: ['pending'],
        set: { nextAttemptAt: context.clock.now() },
      })),
    },
    recipients.map((one) =>
      auditEvent('queue.retried', {
        messageId: one.messageId,
        recipient: one.address,
        actor: context.actor.name,
      }),
    ),
  );
  context.wake();
  return { retried };
});

/** States in which a person may end a recipient; what waits in the portal is revoked. */
const CANCELLED_FROM = ['received', 'pending', 'held'] as const;

/** As with `held reject`, it takes a reviewer to decide about what is held. */
function mayCancel(actor: Actor, state: RecipientState): boolean {
  return actor.kind === 'local' || actor.roles.includes(state === 'held' ? 'reviewer' : 'administrator');
}

/**
 * Ends recipients that are not decided yet, pending or held by a person's word, without a DSN. Whom the actor may not end
 * is left as they are, so that somebody who stops a message needn't first find out whom of it is held. The portal item that a
 * pickup notice leads to stays, because the notice may have arrived in another way, as after a restore; the answer names it.
 */
export const cancelQueued = act(z.strictObject({ ...target, reason }), async (context, input) => {
  const { actor } = context;
  const { message, recipients: found } = await findRecipients(
    context,
    input.id,
    input.recipient,
    CANCELLED_FROM,
  );
  const recipients = found.filter(({ state }) => mayCancel(actor, state));
  if (recipients.length === 0) {
    const isHeld = found.some(({ state }) => state === 'held');
    await refuse(
      context,
      'queue cancel',
      isHeld
        ? `the recipient is held, and it takes reviewer: \`held reject ${input.id}\` bounces it, and \`queue cancel\` ends it without a word to the sender`
        : 'the recipient is not held, and it takes administrator',
    );
  }
  const ended = await applyAct(
    context,
    {
      recipients: recipients.map((one) => ({
        key: { messageId: one.messageId, index: one.index },
        from: CANCELLED_FROM.filter((state) => mayCancel(actor, state)),
        set: { state: 'ended', nextAttemptAt: null, expiresAt: null, lastReason: 'ended by a person' },
      })),
    },
    recipients.map((one) =>
      auditEvent('recipient.ended', {
        messageId: one.messageId,
        recipient: one.address,
        actor: actor.name,
        reason: input.reason,
      }),
    ),
  );
  const untold = await context.untoldItem(message);
  return {
    ended,
    left: found.length - recipients.length,
    ...(untold === undefined
      ? {}
      : { untold: { item: untold.id, recipient: untold.recipient, expiresAt: untold.expiresAt } }),
  };
});

/** Forgets the highest TLS level remembered for a domain, so that notices and codes may travel below it. */
export const resetTlsMemory = act(z.strictObject({ domain: z.string().min(1) }), async (context, input) => {
  // Levels are remembered under the canonical form of the domain.
  const domain = canonicalDomain(input.domain) ?? input.domain;
  const known = await context.store.tlsMemory.highest(domain);
  if (known === undefined) throw new UserError(`no TLS level is remembered for ${input.domain}`);
  await context.store.tlsMemory.reset(domain, [
    auditEvent('tls-memory.reset', { actor: context.actor.name, domain }),
  ]);
  context.wake();
  return { reset: domain, was: known };
});

/** Records that a copy of the log was made. */
export const recordExport = act(
  z.strictObject({ target: z.string().max(4096), format: z.string().max(40).optional() }),
  async (context, input) => {
    await context.store.audit.record([
      auditEvent('audit.exported', {
        actor: context.actor.name,
        target: input.target,
        ...(input.format === undefined ? {} : { format: input.format }),
      }),
    ]);
    return { recorded: true };
  },
);
