import { z } from 'zod';
import { auditEvent } from '../../audit/events.js';
import type { MessageOrigin, StoredMessage, StoredRecipient } from '../../model/message.js';
import { UserError } from '../../shared/errors.js';
import { type ActContext, act } from './act.js';
import { applyAct, OVERTAKEN } from './apply.js';
import { findRecipients } from './find-recipient.js';

/** What policies decide about; the gateway's own mail isn't. */
const DECIDED: readonly MessageOrigin[] = ['submitted', 'portal-reply'];

/** Rows that are looked at together. */
const PAGE = 1000;
const MOST_PASSES = 20;

type Decided = Pick<StoredMessage, 'id' | 'stream'>;

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
  const { queue } = context.store;
  const seen = new Set<string>();
  let recipients = 0;
  let messages = 0;
  // Rows that leave move the pages of those behind them, so it is looked again until nothing new is found. Under a stream of
  // new holds that would be never; these were decided by the policy in force.
  for (let pass = 0; pass < MOST_PASSES; pass++) {
    const found = (await heldMessages(context)).filter(({ id }) => !seen.has(id));
    if (found.length === 0) break;
    for (const message of found) {
      seen.add(message.id);
      const held = (await queue.recipients(message.id)).filter(({ state }) => state === 'held');
      if (held.length === 0) continue;
      try {
        recipients += await decideAgain(context, message, held);
        messages += 1;
      } catch (error) {
        // Somebody, or its end, was quicker with this one.
        if (!(error instanceof UserError) || error.message !== OVERTAKEN) throw error;
      }
    }
  }
  return { messages, recipients };
}

/** Messages with held recipients that policies decide. */
async function heldMessages({ store }: ActContext): Promise<readonly Decided[]> {
  const found = new Map<string, Decided>();
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await store.queue.held({ offset, limit: PAGE });
    for (const { message } of rows) {
      const { id, stream, origin } = message;
      if (DECIDED.includes(origin)) found.set(id, { id, ...(stream === undefined ? {} : { stream }) });
    }
    if (rows.length < PAGE) return [...found.values()];
  }
}

async function decideAgain(
  context: ActContext,
  { id: messageId, stream }: Decided,
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
