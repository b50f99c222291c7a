import type { PortalAccess } from '../audit/events/portal-events.js';
import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { PortalItem, PortalSession, Proof } from '../model/portal-item.js';
import { foldAddress } from '../shared/fold-address.js';
import { newSecret, sameBytes, secretHash } from '../web/secrets.js';
import { withAccount } from './account/with-account.js';
import { brandFor } from './brand.js';
import { hadItsCodes } from './code-limit.js';
import { codeMail } from './notice.js';
import { codeHash, newCode, readCode } from './secrets.js';
import type { Site } from './site.js';

export type SignInDeps = Pick<
  Site,
  | 'loaded'
  | 'config'
  | 'portal'
  | 'bodies'
  | 'ownMail'
  | 'pages'
  | 'codeKey'
  | 'inTurn'
  | 'onQueued'
  | 'showing'
>;

/** What every portal event about an item says. */
export function about(
  item: PortalItem,
  clientAddress: string,
): PortalAccess & { readonly messageId: string; readonly recipient: string } {
  return { messageId: item.messageId, recipient: item.recipient, item: item.id, clientAddress };
}

/**
 * Mails a new one-time code to the item's recipient, in place of the code before.
 * @returns false when the item had its codes for this hour
 * @throws StoreUnavailable
 */
export async function sendCode(
  deps: SignInDeps,
  item: PortalItem,
  clientAddress: string,
  now: number,
): Promise<boolean> {
  const { config, loaded, portal } = deps;
  const sent = await deps.inTurn(item.id, async () => {
    if (await hadItsCodes(deps, item, now)) {
      await portal.record([refusedCode(item, clientAddress, 'too many codes asked for')]);
      return false;
    }
    const code = newCode();
    const brand = brandFor(loaded.config, item.sender);
    const { subject, text, html } = codeMail(deps.pages, {
      language: item.language,
      brand,
      code,
      lifetimeMs: config.code_lifetime,
    });
    const mail = await deps.ownMail(
      {
        origin: 'access-code',
        envelopeFrom: '',
        headerFrom: { name: brand.name, address: config.sender },
        to: item.recipient,
        subject,
        text,
        html,
        aboutMessage: item.messageId,
        aboutPortalItem: item.id,
        now,
        hostname: loaded.config.hostname,
        // A code that arrives after its end only confuses.
        lifetimeMs: config.code_lifetime,
      },
      deps.bodies,
    );
    const noticeId = mail.message.id;
    await portal.putCode(
      {
        itemId: item.id,
        codeHash: codeHash(deps.codeKey, item.id, code),
        createdAt: now,
        expiresAt: now + config.code_lifetime,
        failedTries: 0,
        way: 'mailbox',
      },
      mail,
      [
        auditEvent('portal.code-sent', { ...about(item, clientAddress), noticeId }),
        auditEvent('notice.queued', {
          messageId: item.messageId,
          noticeId,
          kind: 'access-code',
          recipient: item.recipient,
        }),
      ],
    );
    return true;
  });
  if (sent) deps.onQueued();
  return sent;
}

/** A session that was opened or raised; the token goes into the cookie and nowhere else. */
export interface OpenedSession {
  readonly token: string;
  readonly session: PortalSession;
}

/**
 * A new session for a recipient, or the one before with more proofs and another token (against fixation). It ends when
 * the oldest of its proofs has its time behind it: none lives longer because of another one.
 * @param proofs what was proved now
 */
export function sessionWith(
  before: PortalSession | undefined,
  recipient: string,
  proofs: readonly Proof[],
  now: number,
  lifetimeMs: number,
  passphraseItem?: string,
): OpenedSession {
  const token = newSecret();
  const tokenHash = secretHash(token);
  if (tokenHash === undefined) throw new Error('a new secret has no hash');
  // Whoever signs in as somebody else leaves what was proved before behind.
  const own = before !== undefined && isOf(before, recipient) ? before : undefined;
  const items = own?.passphraseItems ?? [];
  const keeps =
    own !== undefined &&
    (own.proofs.some((one) => !proofs.includes(one)) || items.some((id) => id !== passphraseItem));
  return {
    token,
    session: {
      tokenHash,
      recipient: foldAddress(recipient),
      proofs: [...new Set([...(own?.proofs ?? []), ...proofs])],
      passphraseItems: [...new Set([...items, ...(passphraseItem === undefined ? [] : [passphraseItem])])],
      createdAt: own !== undefined && !proofs.some((proof) => refreshes(own, proof)) ? own.createdAt : now,
      expiresAt: keeps ? Math.min(own.expiresAt, now + lifetimeMs) : now + lifetimeMs,
    },
  };
}

/** Whether a session is a recipient's, in whatever spelling of the address. */
export function isOf(session: Pick<PortalSession, 'recipient'> | undefined, recipient: string): boolean {
  return session?.recipient === foldAddress(recipient);
}

/**
 * Whether a proof makes a session as good as a new one. The mailbox doesn't where more was proved before: browser and
 * mailbox are often open on the same unattended device.
 */
function refreshes(own: PortalSession, proof: Proof): boolean {
  return (
    (proof !== 'mailbox' && proof !== 'device') ||
    own.proofs.every((one) => one === 'mailbox' || one === 'device')
  );
}

/**
 * Checks a typed code and opens a session. The visitor is never told why a code was refused.
 * @param before the session that the browser had; it ends
 * @throws StoreUnavailable
 */
export async function signIn(
  deps: SignInDeps,
  item: PortalItem,
  typed: string,
  before: PortalSession | undefined,
  clientAddress: string,
  now: number,
): Promise<OpenedSession | undefined> {
  const { config, portal } = deps;
  const refuse = async (reason: string): Promise<undefined> => {
    await portal.record([refusedCode(item, clientAddress, reason)]);
    return undefined;
  };
  const check = async (): Promise<OpenedSession | undefined> => {
    const stored = await portal.code(item.id);
    if (stored === undefined) return refuse('no code is open');
    if (stored.expiresAt <= now) return refuse('the code is past its time');
    if (stored.failedTries >= config.code_tries) return refuse('too many tries');
    const code = readCode(typed);
    const right = code !== undefined && sameBytes(codeHash(deps.codeKey, item.id, code), stored.codeHash);
    if (!right) {
      await portal.failCode(item.id, [refusedCode(item, clientAddress, 'wrong code')]);
      return undefined;
    }
    const events = [auditEvent('portal.signed-in', about(item, clientAddress))];
    const open = async (from: PortalSession | undefined) => {
      const opened = sessionWith(from, item.recipient, [stored.way], now, config.session_lifetime);
      if (from !== undefined) deps.showing.follow(from.tokenHash, opened.session.tokenHash);
      return (await portal.openSessionWithCode(item.id, opened.session, events, from?.tokenHash))
        ? opened
        : undefined;
    };
    if (before !== undefined && isOf(before, item.recipient)) {
      const raised = await open(before);
      if (raised !== undefined) return raised;
    }
    // Ended meanwhile, as by signing out everywhere: then what it had proved has ended, too.
    const opened = await open(undefined);
    if (opened === undefined) return refuse('the code was used already');
    if (before !== undefined) await portal.closeSession(before.tokenHash, []);
    return opened;
  };
  return withAccount(deps, item.recipient, () => deps.inTurn(item.id, check));
}

function refusedCode(item: PortalItem, clientAddress: string, reason: string): AuditEvent {
  return auditEvent('portal.code-refused', { ...about(item, clientAddress), reason });
}
