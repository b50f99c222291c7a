import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { PortalConfig } from '../config/schema.js';
import { contentFor, type StoredMessage, type StoredRecipient } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import { UserError } from '../shared/errors.js';
import { newId } from '../shared/ids.js';
import type { BodyStore, PortalStore, QueueChange } from '../store/ports.js';
import { firstLink } from './after/link.js';
import { receiptFor } from './after/receipt.js';
import { nextReminderAt } from './after/schedule.js';
import { copyBody } from './copy-body.js';
import { noticeMail } from './notice-mail.js';
import type { OwnMail } from './own-mail.js';
import { createPages } from './pages.js';
import { passphraseFor } from './passphrase.js';

export interface PlaceDeps {
  readonly loaded: () => LoadedConfig;
  readonly portal: Pick<PortalStore, 'usage' | 'account' | 'passkeys'>;
  readonly bodies: Pick<BodyStore, 'seal' | 'open' | 'create'>;
  readonly ownMail: OwnMail;
  /** As the portal's: at least 32 bytes, derived from the master key. */
  readonly codeKey: Uint8Array;
}

/** What became of placing a recipient's copy. */
export type Placed =
  | { readonly kind: 'placed'; readonly change: QueueChange; readonly events: AuditEvent[] }
  /** The recipient must be held; `reason` is for the person who decides, and holds no PHI. */
  | { readonly kind: 'hold'; readonly reason: string };

/** Makes the change, and its events, that put a recipient's copy into the portal; applying it is the caller's. */
export type PlaceInPortal = (
  message: StoredMessage,
  recipient: StoredRecipient,
  now: number,
) => Promise<Placed>;

/**
 * One atomic change: the recipient waits `in-portal`, its item exists with content sealed under a key of its own, and the
 * mail about it is queued. The link's secret is only in the notice; here stays its hash. What the content was copied
 * from is needed no more.
 * @throws UserError when the configuration has no portal (now); whatever the store throws for damaged content
 */
export function createPlaceInPortal(deps: PlaceDeps): PlaceInPortal {
  const pages = createPages([]);
  return async (message, recipient, now) => {
    const loaded = deps.loaded();
    const { portal } = loaded.config;
    if (portal === undefined)
      throw new UserError('the method `portal` needs a `portal` in the configuration', { exitStatus: 2 });
    const source = contentFor(message, recipient.decision);
    if (source === undefined) throw new Error('there is no content that may leave for this recipient');
    const full = await beyondQuota(deps.portal, portal, recipient.address, source.size);
    if (full !== undefined) return { kind: 'hold', reason: full };

    const known = (await deps.portal.account(recipient.address))?.language;
    const { item, secret } = newItem(deps.codeKey, portal, message, recipient, now, known);
    const passphrase = await passphraseFor({ ...deps, loaded, pages }, item, now);
    if (passphrase.kind === 'hold') return passphrase;
    const notice = await noticeMail({ ...deps, loaded, pages }, item, secret, now);
    const receipt = await receiptFor({ ...deps, loaded }, message, source);
    const about = { messageId: message.id, recipient: recipient.address };
    const made = passphrase.kind === 'made' ? passphrase : undefined;
    // Last: nothing after it can fail and leave a copy behind.
    const body = await copyBody(deps.bodies, source);
    return {
      kind: 'placed',
      change: {
        // A person may end the recipient in this very moment: then nothing of this is done, or on record.
        onlyIfAllApply: true,
        recipients: [
          {
            key: { messageId: message.id, index: recipient.index },
            from: ['pending'],
            set: {
              state: 'in-portal',
              method: 'portal',
              nextAttemptAt: null,
              expiresAt: null,
              tlsFailingSince: null,
            },
          },
        ],
        createPortalItems: [
          {
            ...item,
            noticeId: notice.message.id,
            receipt,
            body,
            ...(made === undefined ? {} : { passphraseHash: made.hash }),
          },
        ],
        create: [notice, ...(made === undefined ? [] : [made.mail])],
      },
      events: [
        auditEvent('portal.item-created', { ...about, item: item.id, expiresAt: item.expiresAt }),
        auditEvent('notice.queued', {
          messageId: message.id,
          noticeId: notice.message.id,
          kind: 'pickup-notice',
          recipient: recipient.address,
        }),
        ...(made?.events ?? []),
      ],
    };
  };
}

/** Why another message can't wait for a recipient; undefined when it can. Placements at the same time may go beyond it a little. */
async function beyondQuota(
  store: Pick<PortalStore, 'usage'>,
  { quota }: PortalConfig,
  recipient: string,
  size: number,
): Promise<string | undefined> {
  const { items, bytes } = await store.usage(recipient);
  const then = 'release it again when some of them have ended, or raise the limit';
  if (items >= quota.items_per_recipient)
    return `the portal keeps ${items} messages for the recipient, the most that \`portal.quota.items_per_recipient\` allows; ${then}`;
  if (bytes + size > quota.bytes_per_recipient)
    return `with the ${bytes} bytes that the portal keeps for the recipient, its ${size} bytes are more than \`portal.quota.bytes_per_recipient\` allows; ${then}`;
  return undefined;
}

function newItem(
  codeKey: Uint8Array,
  portal: PortalConfig,
  message: StoredMessage,
  recipient: StoredRecipient,
  now: number,
  knownLanguage: string | undefined,
): { readonly item: PortalItem; readonly secret: string } {
  const id = newId(now);
  const { secret, hash: linkHash } = firstLink(codeKey, id);
  const expiresAt = now + portal.item_lifetime;
  const reminderAt = nextReminderAt(portal.reminders, { createdAt: now, expiresAt }, now);
  return {
    secret,
    item: {
      id,
      messageId: message.id,
      recipientIndex: recipient.index,
      recipient: recipient.address,
      // Where a forwarding service put an address of its own into the envelope, it leads back to a stranger: nobody of ours
      // is told passphrases there, or reads and takes back by it.
      sender: message.authors?.unsure === true ? '' : message.sender,
      linkHash,
      createdAt: now,
      expiresAt,
      state: 'waiting',
      strength: recipient.decision?.demand.portal ?? 'code',
      passphraseTries: 0,
      receipt: 'none',
      language: knownLanguage ?? portal.language_by_domain[recipient.domain] ?? portal.language,
      reminders: 0,
      ...(reminderAt === undefined ? {} : { nextReminderAt: reminderAt }),
    },
  };
}
