import type { StoredMessage, StoredRecipient } from '../model/message.js';

/** What a DSN tells (RFC 3464 2.3.3). */
export type DsnAction = 'failed' | 'delayed' | 'relayed';

/**
 * Whether the sender wants to hear (RFC 3461 4.1, 5.2): never for a null reverse-path nor for mail of our own; without
 * NOTIFY failures and delays are told; with it only what it names.
 */
export function dsnWanted(
  message: Pick<StoredMessage, 'origin' | 'sender'>,
  recipient: Pick<StoredRecipient, 'notify'>,
  action: DsnAction,
): boolean {
  if (message.origin !== 'submitted' || message.sender === '') return false;
  const { notify } = recipient;
  if (notify === undefined || notify.length === 0) return action !== 'relayed';
  if (notify.includes('NEVER')) return false;
  switch (action) {
    case 'failed':
      return notify.includes('FAILURE');
    case 'delayed':
      return notify.includes('DELAY');
    case 'relayed':
      return notify.includes('SUCCESS');
  }
}
