import { createHmac } from 'node:crypto';
import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { PortalItem } from '../model/portal-item.js';
import type { BodyStore, NewMessage, PortalStore } from '../store/ports.js';
import { sameBytes } from '../web/secrets.js';
import { enrolmentOf } from './access.js';
import { brandFor } from './brand.js';
import { mailText, oneLine } from './notice.js';
import type { OwnMail } from './own-mail.js';
import type { Pages } from './pages.js';
import { newCode, readCode } from './secrets.js';
import { texts } from './texts.js';
import type { Enrolment } from './ways/proofs.js';

/** Wrong passphrases after which an item's is locked, until `portal unlock` or `portal resend` makes another. */
export const MOST_PASSPHRASE_TRIES = 10;

/** A new passphrase: eight digits, said and typed in two groups. */
export function newPassphrase(): string {
  const digits = newCode();
  return `${digits.slice(0, 4)} ${digits.slice(4)}`;
}

/**
 * HMAC-SHA-256 of a passphrase, bound to its item: what is stored is worth nothing without the key, nor in another item.
 * @returns undefined when the text can't be a passphrase
 */
export function passphraseHash(key: Uint8Array, itemId: string, text: string): Uint8Array | undefined {
  const digits = readCode(text);
  return digits === undefined
    ? undefined
    : createHmac('sha256', key).update(`passphrase\n${itemId}\n${digits}`).digest();
}

/** Whether an item takes passphrases (still). */
export function takesPassphrase(item: Pick<PortalItem, 'passphraseHash' | 'passphraseTries'>): boolean {
  return item.passphraseHash !== undefined && item.passphraseTries < MOST_PASSPHRASE_TRIES;
}

/** Compares in constant time; false for an item that takes none. */
export function passphraseRight(
  key: Uint8Array,
  item: Pick<PortalItem, 'id' | 'passphraseHash' | 'passphraseTries'>,
  typed: string,
): boolean {
  const given = passphraseHash(key, item.id, typed);
  if (given === undefined || item.passphraseHash === undefined || !takesPassphrase(item)) return false;
  return sameBytes(given, item.passphraseHash);
}

/**
 * Whether an item needs a passphrase: where one is demanded; and where a second factor is, but the recipient has none
 * that the organisation stood behind, and no gateway for codes could be the second.
 */
export function needsPassphrase(
  item: Pick<PortalItem, 'strength'>,
  enrolment: Enrolment,
  hasSmsGateway: boolean,
): boolean {
  switch (item.strength) {
    case 'code':
    case 'account':
      return false;
    case 'account-second-factor':
      return !hasSmsGateway && enrolment.totp !== 'organisation' && enrolment.passkey !== 'organisation';
    case 'shared-secret':
      return true;
  }
}

/** What an item that is about to be made needs. */
export type PassphraseForItem =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'made';
      /** For the item. */
      readonly hash: Uint8Array;
      /** To the sender; queued in the change that makes the item. */
      readonly mail: NewMessage;
      readonly events: readonly AuditEvent[];
    }
  /** Nobody could be told: the recipient is held, with this reason. */
  | { readonly kind: 'hold'; readonly reason: string };

/**
 * The passphrase for an item that is about to be made, with the mail that tells it to the sender. Such a mail stays
 * inside the organisation's domains, so the item of another sender is to be held.
 */
export async function passphraseFor(
  deps: {
    readonly loaded: LoadedConfig;
    readonly portal: Pick<PortalStore, 'account' | 'passkeys'>;
    readonly bodies: Pick<BodyStore, 'seal'>;
    readonly ownMail: OwnMail;
    readonly pages: Pages;
    /** As the portal's `codeKey`: at least 32 bytes, derived from the master key. */
    readonly codeKey: Uint8Array;
  },
  item: Pick<PortalItem, 'id' | 'messageId' | 'recipient' | 'sender' | 'strength' | 'expiresAt'>,
  now: number,
): Promise<PassphraseForItem> {
  const { config } = deps.loaded;
  const { portal } = config;
  if (portal === undefined) return { kind: 'hold', reason: 'there is no portal in the configuration' };
  const enrolment = await enrolmentOf(deps, item.recipient);
  if (!needsPassphrase(item, enrolment, portal.sms !== undefined)) return { kind: 'none' };
  // Replies written in the portal come from its own address, which telephones nobody.
  if (item.sender === portal.sender)
    return {
      kind: 'hold',
      reason: `the portal must ask for ${item.strength}, which needs a passphrase that the sender tells the recipient; it was written in the portal itself`,
    };
  const domain = item.sender.slice(item.sender.lastIndexOf('@') + 1);
  if (item.sender === '' || !config.organisation.domains.includes(domain))
    return {
      kind: 'hold',
      reason: `the portal must ask for ${item.strength}, which needs a passphrase that the sender tells the recipient; the sender is outside \`organisation.domains\``,
    };
  const passphrase = newPassphrase();
  const hash = passphraseHash(deps.codeKey, item.id, passphrase);
  if (hash === undefined) throw new Error('a new passphrase has no hash');
  // The language of the organisation: what is known of the recipient's says nothing about the sender.
  const language = portal.language;
  const brand = brandFor(config, item.sender);
  const t = texts(language);
  const mail = await deps.ownMail(
    {
      origin: 'passphrase-notice',
      envelopeFrom: '',
      headerFrom: { name: brand.name, address: portal.sender },
      to: item.sender,
      ...mailText(
        deps.pages,
        { language, brand },
        {
          subject: t('passphrase-mail.subject', { recipient: oneLine(item.recipient) }),
          paragraphs: [t('passphrase-mail.what', { recipient: item.recipient })],
          code: passphrase,
          after: [t('passphrase-mail.how'), t('passphrase-mail.never')],
        },
      ),
      aboutMessage: item.messageId,
      aboutPortalItem: item.id,
      now,
      hostname: config.hostname,
      lifetimeMs: Math.min(config.delivery.lifetime, item.expiresAt - now),
    },
    deps.bodies,
  );
  const about = { messageId: item.messageId, recipient: item.recipient };
  return {
    kind: 'made',
    hash,
    mail,
    events: [
      auditEvent('portal.passphrase-made', { ...about, item: item.id }),
      auditEvent('notice.queued', {
        messageId: item.messageId,
        noticeId: mail.message.id,
        kind: 'passphrase-notice',
        recipient: item.sender,
      }),
    ],
  };
}
