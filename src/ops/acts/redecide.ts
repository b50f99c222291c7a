import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import type { MessageOrigin, StoredMessage, StoredRecipient } from '../../model/message.js';
import { UserError } from '../../shared/errors.js';
import { type ActContext, act } from './act.js';
import { applyAct, OVERTAKEN } from './apply.js';
import { findRecipients } from './find-recipient.js';

/** What policies decide about; the gateway's own mail isn't. */
const DECIDED: readonly MessageOrigin[] = ['submitted', 'portal-reply'];

const MOST = 10_000;

/**
 * Has held recipients decided again by the policy in force: the message is received again, with everything that
 * follows, so it may go, be held once more, or be rejected. Approvals are void; a new hold lasts no longer than the old
 * one. Without a running relay it happens at the next start.
 */
export const redecideHeld = act(
  z.union([
    z.strictObject({ id: z.string().min(1), recipient: z.string().optional() }),
    z.strictObject({ all: z.literal(true) }),
  ]),
  async (context, input) => {
    if ('all' in input) return redecideAll(context);
    const { message, recipients } = await findRecipients(context, input.id, input.recipient, ['held']);
    if (!DECIDED.includes(message.origin))
      throw new UserError(
        'this is mail of the gateway itself, which no policy decides: release or reject it',
      );
    return { messages: 1, recipients: await decideAgain(context, message, recipients) };
  },
);

async function redecideAll(context: ActContext) {
  const held = await context.store.queue.list({ states: ['held'], limit: MOST });
  const byMessage = new Map<
    string,
    { readonly message: StoredMessage; readonly recipients: StoredRecipient[] }
  >();
  for (const { message, recipient } of held) {
    if (!DECIDED.includes(message.origin)) continue;
    const before = byMessage.get(message.id)?.recipients ?? [];
    byMessage.set(message.id, { message, recipients: [...before, recipient] });
  }
  let recipients = 0;
  let messages = 0;
  for (const { message, recipients: some } of byMessage.values()) {
    try {
      recipients += await decideAgain(context, message, some);
      messages += 1;
    } catch (error) {
      // Somebody, or its end, was quicker with this one.
      if (!(error instanceof UserError) || error.message !== OVERTAKEN) throw error;
    }
  }
  return { messages, recipients };
}

async function decideAgain(
  context: ActContext,
  { id: messageId, stream }: StoredMessage,
  recipients: readonly StoredRecipient[],
): Promise<number> {
  const changed = await applyAct(
    context,
    {
      // The old decision and the end of the hold stay in the row until the new decision is there.
      recipients: recipients.map(({ index }) => ({
        key: { messageId, index },
        from: ['held'],
        set: { state: 'received', nextAttemptAt: null },
      })),
      decideAgain: { messageId },
    },
    recipients.map(({ address }) =>
      auditEvent('held.decide-again', { messageId, recipient: address, actor: context.actor.name }),
    ),
  );
  context.decideAgain(messageId, stream);
  return changed;
}
