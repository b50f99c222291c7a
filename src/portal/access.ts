import type { PortalItem, PortalSession } from '../model/portal-item.js';
import type { PortalStore, QueueStore } from '../store/ports.js';
import { sameBytes, secretHash } from './secrets.js';

/** Whether a link opens an item now; the reason is for the audit log, never for the visitor. */
export type LinkResult =
  | { readonly open: true; readonly item: PortalItem }
  | { readonly open: false; readonly reason: string; readonly item?: PortalItem };

export interface AccessDeps {
  readonly portal: Pick<PortalStore, 'itemByLink' | 'session'>;
  readonly queue: Pick<QueueStore, 'recipients'>;
}

/**
 * Finds the item of a link secret and whether it may be used at `now`. Asked anew at every request, so that a
 * revocation or an expiry also ends the sessions that are open.
 */
export async function openLink(deps: AccessDeps, secret: string, now: number): Promise<LinkResult> {
  const hash = secretHash(secret);
  if (hash === undefined) return { open: false, reason: 'malformed link' };
  const item = await deps.portal.itemByLink(hash);
  if (item === undefined || !sameBytes(item.linkHash, hash)) return { open: false, reason: 'unknown link' };
  if (item.state !== 'waiting' && item.state !== 'picked-up')
    return { open: false, reason: `the item is ${item.state}`, item };
  if (item.expiresAt <= now) return { open: false, reason: 'the item is past its time', item };
  // The recipient's row decides as well: whoever cancelled the recipient has closed this way, too.
  const recipients = await deps.queue.recipients(item.messageId);
  const state = recipients.find((one) => one.index === item.recipientIndex)?.state;
  if (state !== 'in-portal' && state !== 'picked-up')
    return { open: false, reason: `the recipient is ${state ?? 'unknown'}`, item };
  return { open: true, item };
}

/** The session of a cookie's token, if it is alive and was opened for this very item. */
export async function openedSession(
  deps: AccessDeps,
  token: string | undefined,
  item: PortalItem,
  now: number,
): Promise<PortalSession | undefined> {
  const hash = token === undefined ? undefined : secretHash(token);
  if (hash === undefined) return undefined;
  const session = await deps.portal.session(hash, now);
  if (session === undefined || !sameBytes(session.tokenHash, hash)) return undefined;
  return session.itemId === item.id && session.expiresAt > now ? session : undefined;
}
