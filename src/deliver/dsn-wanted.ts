import type { StoredRecipient } from '../model/message.js';

/** What a DSN tells (RFC 3464 2.3.3). */
export type DsnAction = 'failed' | 'delayed' | 'relayed';

/**
 * Whether somebody is to hear (RFC 3461 4.1, 5.2): never where there is nobody to tell; without NOTIFY failures and
 * delays are told; with it only what it names.
 * @param target as `noticeTarget` gives it
 */
export function dsnWanted(
  target: string | undefined,
  recipient: Pick<StoredRecipient, 'notify'>,
  action: DsnAction,
): boolean {
  if (target === undefined) return false;
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
