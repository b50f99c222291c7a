import type { Decision } from './decision.js';
import type { StoredMessage } from './message.js';

/**
 * The Message-ID that mail of our own about a message may name: such mail may travel in the clear, so there is none where it
 * would not stand outside of a sealed copy either.
 * @param decisions those of the recipients that it is about
 */
export function toldMessageId(
  { headerMessageId }: Pick<StoredMessage, 'headerMessageId'>,
  decisions: readonly (Pick<Decision, 'hideMessageIds'> | undefined)[],
): string | undefined {
  return decisions.some((one) => one?.hideMessageIds === true) ? undefined : headerMessageId;
}
