import type { StoredMessage, StoredRecipient } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import { toldMessageId } from '../../model/told-message-id.js';
import type { NewMessage } from '../../store/ports.js';
import { brandFor } from '../brand.js';
import { howToTell, type MailText, mailText, oneLine } from '../notice.js';
import { portalOrigin } from '../settings.js';
import { texts } from '../texts.js';
import { timeText } from '../time-text.js';
import type { ReminderKind } from './schedule.js';
import { type AfterDeps, aboutItem } from './to-sender.js';

/** To the recipient: it still waits, or ends soon. As little in it as in the pickup notice, and a link that works. */
export function reminderMail(
  deps: AfterDeps,
  kind: Exclude<ReminderKind, 'tell-sender'>,
  item: PortalItem,
  linkSecret: string,
  now: number,
): Promise<NewMessage> {
  const { config } = deps.loaded;
  const portal = configured(deps);
  const { language } = item;
  const t = texts(language);
  const brand = brandFor(config, item.sender);
  const organisation = oneLine(brand.name);
  const origin = portalOrigin(portal.url);
  const from = item.sender === '' ? organisation : `${item.sender} (${organisation})`;
  const subject =
    kind === 'remind'
      ? t('reminder.subject', { organisation })
      : t('reminder.ends-subject', { organisation });
  const until = timeText(item.expiresAt, language);
  const text = mailText(
    deps.pages,
    { language, brand },
    {
      subject,
      paragraphs: [t('reminder.what', { from, sent: timeText(item.createdAt, language) })],
      link: { href: `${origin}/m/${linkSecret}`, label: t('notice.read') },
      after: [
        t('notice.how'),
        kind === 'remind' ? t('notice.until', { until }) : t('reminder.ends', { until }),
      ],
      list: howToTell(t, origin, brand),
    },
  );
  return toBeQueued(deps, 'pickup-reminder', item, item.recipient, text, now);
}

/** To the sender: nobody came yet. */
export function waitingMail(
  deps: AfterDeps,
  message: StoredMessage,
  decision: StoredRecipient['decision'],
  item: PortalItem,
  now: number,
): Promise<NewMessage> {
  const { config } = deps.loaded;
  const portal = configured(deps);
  // The language of the organisation: what is known of the recipient's says nothing about the sender.
  const { language } = portal;
  const t = texts(language);
  const brand = brandFor(config, item.sender);
  const recipient = oneLine(item.recipient);
  const text = mailText(
    deps.pages,
    { language, brand },
    {
      subject: t('waiting-mail.subject', { recipient, reference: item.id }),
      paragraphs: [
        t('waiting-mail.what', { recipient, sent: timeText(message.receivedAt, language) }),
        t('waiting-mail.until', { until: timeText(item.expiresAt, language) }),
        t('waiting-mail.do'),
        ...(portal.recall === 'off' ? [] : [t('recall.how')]),
      ],
      after: [t('layout.questions', { postmaster: brand.postmaster, organisation: oneLine(brand.name) })],
    },
  );
  return toBeQueued(
    deps,
    'portal-receipt',
    item,
    message.sender,
    text,
    now,
    toldMessageId(message, [decision]),
  );
}

function toBeQueued(
  deps: AfterDeps,
  origin: 'pickup-reminder' | 'portal-receipt',
  item: PortalItem,
  to: string,
  text: MailText,
  now: number,
  inReplyTo?: string,
): Promise<NewMessage> {
  const { config } = deps.loaded;
  return deps.ownMail(
    {
      origin,
      envelopeFrom: '',
      headerFrom: { name: brandFor(config, item.sender).name, address: configured(deps).sender },
      to,
      ...text,
      ...aboutItem(item),
      now,
      hostname: config.hostname,
      // What arrives after its end only confuses.
      lifetimeMs: Math.max(1, Math.min(config.delivery.lifetime, item.expiresAt - now)),
      ...(inReplyTo === undefined ? {} : { inReplyTo }),
    },
    deps.bodies,
  );
}

function configured({ loaded }: AfterDeps) {
  const { portal } = loaded.config;
  if (portal === undefined) throw new Error('there is no portal in the configuration');
  return portal;
}
