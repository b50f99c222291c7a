import type { RecipientState, StoredMessage, StoredRecipient } from '../../model/message.js';
import { UserError } from '../../shared/errors.js';
import type { ActContext } from './act.js';

/**
 * The recipients of a message that a command is about: the one named, or all that are in one of `states`.
 * @throws UserError when there is no such message, or none of its recipients is in these states
 */
export async function findRecipients(
  context: ActContext,
  messageId: string,
  recipient: string | undefined,
  states: readonly RecipientState[],
): Promise<{ readonly message: StoredMessage; readonly recipients: readonly StoredRecipient[] }> {
  const message = await context.store.queue.message(messageId);
  if (message === undefined) throw new UserError(`no message has the ID ${messageId}`);
  const all = await context.store.queue.recipients(messageId);
  const named = recipient === undefined ? all : all.filter((one) => one.address === recipient);
  if (named.length === 0) throw new UserError(`the message ${messageId} has no recipient ${recipient}`);
  const recipients = named.filter((one) => states.includes(one.state));
  if (recipients.length === 0) {
    const seen = [...new Set(named.map((one) => one.state))].join(', ');
    throw new UserError(`nothing to do: wanted ${states.join(' or ')}, but the state is ${seen}`);
  }
  return { message, recipients };
}
