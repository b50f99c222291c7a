import { type AuditEvent, auditEvent } from '../audit/events.js';
import type { LoadedConfig } from '../config/load.js';
import type { PortalConfig } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { PortalItem } from '../model/portal-item.js';
import { UserError } from '../shared/errors.js';
import { newId } from '../shared/ids.js';
import type { BodyStore, QueueChange } from '../store/ports.js';
import { brandFor } from './brand.js';
import { pickupNotice } from './notice.js';
import type { OwnMail } from './own-mail.js';
import { createPages } from './pages.js';
import { newSecret, secretHash } from './secrets.js';
import { portalOrigin } from './settings.js';

/** Makes the change, and its events, that put a recipient's copy into the portal; applying it is the caller's. */
export type PlaceInPortal = (
  message: StoredMessage,
  recipient: StoredRecipient,
  now: number,
) => Promise<{ readonly change: QueueChange; readonly events: AuditEvent[] }>;

/**
 * One atomic change: the recipient waits `in-portal`, its item exists, and the pickup notice is queued. The link's
 * secret is only in the notice; here stays its hash.
 *
 * The notice has the null reverse-path: nobody reads bounces that come back to the gateway, and a bounce to the
 * sender would show the link to somebody else. What a peer refuses while we deliver is noticed by `deliver`.
 * @throws UserError when the configuration has no portal (now)
 */
export function createPlaceInPortal(deps: {
  readonly loaded: () => LoadedConfig;
  readonly bodies: Pick<BodyStore, 'seal'>;
  readonly ownMail: OwnMail;
}): PlaceInPortal {
  const pages = createPages([]);
  return async (message, recipient, now) => {
    const { config } = deps.loaded();
    if (config.portal === undefined)
      throw new UserError('the method `portal` needs a `portal` in the configuration', { exitStatus: 2 });
    const secret = newSecret();
    const linkHash = secretHash(secret);
    if (linkHash === undefined) throw new Error('a new secret has no hash');
    const origin = portalOrigin(config.portal.url);
    const strength = recipient.decision?.demand.portal ?? 'code';
    const language = languageFor(config.portal, recipient.domain);
    const brand = brandFor(config, message.sender);
    const item: PortalItem = {
      id: newId(now),
      messageId: message.id,
      recipientIndex: recipient.index,
      recipient: recipient.address,
      sender: message.sender,
      linkHash,
      createdAt: now,
      expiresAt: now + config.portal.item_lifetime,
      state: 'waiting',
      strength,
      passphraseTries: 0,
      receipt: 'none',
      language,
      reminders: 0,
    };
    const { subject, text, html } = pickupNotice(pages, {
      language,
      brand,
      sender: message.sender,
      link: `${origin}/m/${secret}`,
      origin,
      expiresAt: item.expiresAt,
    });
    const notice = await deps.ownMail(
      {
        origin: 'pickup-notice',
        envelopeFrom: '',
        headerFrom: { name: brand.name, address: config.portal.sender },
        to: recipient.address,
        subject,
        text,
        html,
        aboutMessage: message.id,
        aboutPortalItem: item.id,
        now,
        hostname: config.hostname,
        lifetimeMs: Math.min(config.delivery.lifetime, config.portal.item_lifetime),
      },
      deps.bodies,
    );
    return {
      change: {
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
        createPortalItems: [item],
        create: [notice],
      },
      events: [
        auditEvent('portal.item-created', {
          messageId: message.id,
          recipient: recipient.address,
          item: item.id,
          expiresAt: item.expiresAt,
        }),
        auditEvent('notice.queued', {
          messageId: message.id,
          noticeId: notice.message.id,
          kind: 'pickup-notice',
          recipient: recipient.address,
        }),
      ],
    };
  };
}

/** The language of notices for a recipient, before anything is known of the person. */
function languageFor(config: PortalConfig, domain: string): string {
  return config.language_by_domain[domain] ?? config.language;
}
