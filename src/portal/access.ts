import type { PortalItem, PortalSession } from '../model/portal-item.js';
import { foldAddress } from '../shared/fold-address.js';
import type { PortalStore, QueueStore } from '../store/ports.js';
import { sameBytes, secretHash } from '../web/secrets.js';
import { type Enrolment, opens } from './ways/proofs.js';

/** Whether a link opens an item now; the reason is for the audit log, never for the visitor. */
export type LinkResult =
  | { readonly open: true; readonly item: PortalItem }
  | {
      readonly open: false;
      readonly reason: string;
      readonly item?: PortalItem;
      /** Only because more must be proved. */
      readonly wantsMore?: true;
    };

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
  return itemState(deps, item, now);
}

async function itemState(
  deps: Pick<AccessDeps, 'queue'>,
  item: PortalItem,
  now: number,
): Promise<LinkResult> {
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

/** The session of a cookie's token, if it is alive. */
export async function openedSession(
  deps: { readonly portal: Pick<PortalStore, 'session'> },
  token: string | undefined,
  now: number,
): Promise<PortalSession | undefined> {
  const hash = token === undefined ? undefined : secretHash(token);
  if (hash === undefined) return undefined;
  const session = await deps.portal.session(hash, now);
  if (session === undefined || !sameBytes(session.tokenHash, hash)) return undefined;
  return session.expiresAt > now ? session : undefined;
}

/** What stands behind a recipient's second factors. */
export async function enrolmentOf(
  deps: { readonly portal: Pick<PortalStore, 'account' | 'passkeys'> },
  recipient: string,
): Promise<Enrolment> {
  const account = await deps.portal.account(recipient);
  const passkeys = await deps.portal.passkeys(recipient);
  const totp = account?.totp?.confirmed === true ? account.totp.enrolledBy : undefined;
  return {
    ...(totp === undefined ? {} : { totp }),
    // Where one of several came by the mailbox alone, whoever has the mailbox may hold it.
    ...(passkeys.length === 0
      ? {}
      : { passkey: passkeys.every((one) => one.enrolledBy === 'organisation') ? 'organisation' : 'mailbox' }),
  };
}

/**
 * Whether a session opens an item now, asked anew at every request: state and time of the item, its recipient's row, and
 * what was proved.
 */
export async function mayOpen(
  deps: AccessDeps & { readonly portal: Pick<PortalStore, 'account' | 'passkeys' | 'item'> },
  session: PortalSession,
  itemId: string,
  now: number,
): Promise<LinkResult> {
  const item = await deps.portal.item(itemId);
  if (item === undefined || foldAddress(item.recipient) !== session.recipient)
    return { open: false, reason: 'unknown item' };
  const state = await itemState(deps, item, now);
  if (!state.open) return state;
  if (!opens(item, session, await enrolmentOf(deps, item.recipient)))
    return { open: false, reason: `the item asks for more: ${item.strength}`, item, wantsMore: true };
  return state;
}
