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
    const seen = [...new Set(named.map((one) => one.state))];
    const instead = [...new Set(seen.map((state) => whatToDo(state, messageId)))].join('; ');
    throw new UserError(
      `nothing to do: the state is ${seen.join(', ')}, and this is for recipients that are ${states.join(' or ')}. ${instead}`,
    );
  }
  return { message, recipients };
}

/** What a person may have wanted who meant a recipient in this state. */
function whatToDo(state: RecipientState, id: string): string {
  switch (state) {
    case 'received':
      return 'It is not decided yet: look again in a moment, or end it with `queue cancel`';
    case 'pending':
      return `It is on its way: \`queue retry ${id}\` tries it now, \`queue cancel ${id}\` ends it`;
    case 'held':
      return `It waits for a person: \`held release ${id}\` or \`held reject ${id}\``;
    case 'in-portal':
      return `It waits to be picked up: \`portal list --message ${id}\` shows the item, \`portal revoke\` ends it`;
    case 'delivered':
    case 'picked-up':
    case 'expired':
    case 'bounced':
    case 'ended':
      return `It has reached its end: \`audit show ${id}\` tells how`;
  }
}
