import { type AuditEvent, auditEvent, type PortalAccess } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { PortalConfig } from '../config/schema.js';
import type { PortalItem } from '../model/portal-item.js';
import type { InTurn } from '../shared/in-turn.js';
import type { BodyStore, PortalStore } from '../store/ports.js';
import { codeMail } from './notice.js';
import type { OwnMail } from './own-mail.js';
import type { Pages } from './pages.js';
import { codeHash, newCode, newSecret, readCode, sameBytes, secretHash } from './secrets.js';

export interface SignInDeps {
  readonly loaded: LoadedConfig;
  readonly config: PortalConfig;
  readonly portal: Pick<
    PortalStore,
    'putCode' | 'code' | 'codesIssuedSince' | 'failCode' | 'openSession' | 'record'
  >;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly ownMail: OwnMail;
  readonly pages: Pages;
  readonly codeKey: Uint8Array;
  readonly inTurn: InTurn;
  readonly onQueued: () => void;
}

const HOUR = 3_600_000;

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
    if ((await portal.codesIssuedSince(item.id, now - HOUR)) >= config.codes_per_hour) {
      await portal.record([refusedCode(item, clientAddress, 'too many codes asked for')]);
      return false;
    }
    const code = newCode();
    const { organisation } = loaded.config;
    const { subject, text, html } = codeMail(deps.pages, {
      organisation: organisation.name,
      postmaster: organisation.postmaster,
      code,
      lifetimeMs: config.code_lifetime,
    });
    const mail = await deps.ownMail(
      {
        origin: 'access-code',
        envelopeFrom: '',
        headerFrom: { name: organisation.name, address: config.sender },
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

/** A session that was opened; the token goes into the cookie and nowhere else. */
export interface OpenedSession {
  readonly token: string;
  readonly expiresAt: number;
}

/**
 * Checks a typed code and opens a session with a fresh token. The visitor is never told why a code was refused.
 * @throws StoreUnavailable
 */
export async function signIn(
  deps: SignInDeps,
  item: PortalItem,
  typed: string,
  clientAddress: string,
  now: number,
): Promise<OpenedSession | undefined> {
  const { config, portal } = deps;
  const refuse = async (reason: string): Promise<undefined> => {
    await portal.record([refusedCode(item, clientAddress, reason)]);
    return undefined;
  };
  return deps.inTurn(item.id, async () => {
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
    const token = newSecret();
    const tokenHash = secretHash(token);
    if (tokenHash === undefined) throw new Error('a new secret has no hash');
    const expiresAt = Math.min(now + config.session_lifetime, item.expiresAt);
    const opened = await portal.openSession({ tokenHash, itemId: item.id, createdAt: now, expiresAt }, [
      auditEvent('portal.signed-in', about(item, clientAddress)),
    ]);
    return opened ? { token, expiresAt } : refuse('the code was used already');
  });
}

function refusedCode(item: PortalItem, clientAddress: string, reason: string): AuditEvent {
  return auditEvent('portal.code-refused', { ...about(item, clientAddress), reason });
}
