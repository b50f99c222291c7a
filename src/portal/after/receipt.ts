import { auditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { StoredMessage, StoredRecipient } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import { toldMessageId } from '../../model/told-message-id.js';
import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import { headerSection, headerValues } from '../../shared/header-section.js';
import { typedAddress } from '../../shared/typed-address.js';
import type { BodyStore, Events, NewMessage } from '../../store/ports.js';
import { brandFor } from '../brand.js';
import { oneLine } from '../notice.js';
import { texts } from '../texts.js';
import { timeText } from '../time-text.js';
import { type AfterDeps, aboutItem, maySenderBeTold } from './to-sender.js';

/**
 * Whether the sender of a message asks for a receipt and gets one. RFC 8098 2.1: never sent by itself to an address
 * other than the return path, so the one that `Disposition-Notification-To` names must be the envelope sender's; and
 * inside the organisation, because it says when somebody opened a message.
 */
export async function receiptFor(
  deps: { readonly loaded: LoadedConfig; readonly bodies: Pick<BodyStore, 'open'> },
  message: StoredMessage,
  content: NonNullable<StoredMessage['body']>,
): Promise<'none' | 'wanted'> {
  if (deps.loaded.config.portal?.receipts !== true || !maySenderBeTold(deps.loaded, message)) return 'none';
  const header = await headerSection(deps.bodies.open(content));
  return asksReceiptFor(headerValues(header, 'disposition-notification-to'), message.sender)
    ? 'wanted'
    : 'none';
}

/** Whether the fields name one mailbox, and it is this address. */
export function asksReceiptFor(values: readonly string[], sender: string): boolean {
  const [value] = values;
  if (value === undefined || values.length !== 1 || value.length > 998) return false;
  const angle = /^[^<>]*<([^<>]*)>$/.exec(value);
  const parsed = parseAddress(
    Buffer.from(angle?.[1] ?? value, 'latin1')
      .toString('utf8')
      .trim(),
  );
  return parsed.ok && foldAddress(parsed.mailbox.address) === foldAddress(sender);
}

/**
 * The receipt for the first reading of an item, to be queued in the change that records it: a disposition notification
 * (RFC 8098) without the Subject or anything else of the message. undefined when none is wanted (any more).
 *
 * Its From is the portal's own address, with the recipient's as name, where RFC 8098 3 wants the recipient's: the
 * organisation can't send as a stranger, whose domain would disown it. `Final-Recipient` names the recipient.
 */
export async function receiptMail(
  deps: AfterDeps,
  message: StoredMessage | undefined,
  recipient: Pick<StoredRecipient, 'notify' | 'decision'> | undefined,
  item: PortalItem,
  now: number,
): Promise<{ readonly mail: NewMessage; readonly events: Events } | undefined> {
  const { config } = deps.loaded;
  const { portal } = config;
  if (portal?.receipts !== true || item.receipt !== 'wanted' || message === undefined) return undefined;
  if (!maySenderBeTold(deps.loaded, message, recipient)) return undefined;
  const { language } = portal;
  const t = texts(language);
  const messageId = toldMessageId(message, [recipient?.decision]);
  const named = oneLine(item.recipient);
  const paragraphs = [
    t('receipt-mail.what', {
      recipient: named,
      sent: timeText(message.receivedAt, language),
      opened: timeText(now, language),
    }),
    t('receipt-mail.means'),
    ...(portal.recall === 'always' ? [t('recall.how')] : []),
    t('layout.questions', {
      postmaster: brandFor(config, item.sender).postmaster,
      organisation: brandFor(config, item.sender).name,
    }),
  ];
  const mail = await deps.ownMail(
    {
      origin: 'portal-receipt',
      envelopeFrom: '',
      headerFrom: { name: named, address: portal.sender },
      to: message.sender,
      subject: t('receipt-mail.subject', { recipient: named, reference: item.id }),
      text: `${paragraphs.join('\n\n')}\n`,
      ...aboutItem(item),
      now,
      hostname: config.hostname,
      lifetimeMs: config.delivery.lifetime,
      ...(messageId === undefined ? {} : { inReplyTo: messageId }),
      autoSubmitted: 'auto-replied',
      report: {
        type: 'disposition-notification',
        parts: [
          {
            contentType: 'message/disposition-notification',
            content: disposition(config.hostname, item.recipient, messageId ?? ''),
          },
        ],
      },
    },
    deps.bodies,
  );
  return {
    mail,
    events: [
      auditEvent('notice.queued', {
        messageId: item.messageId,
        noticeId: mail.message.id,
        kind: 'portal-receipt',
        recipient: message.sender,
      }),
    ],
  };
}

/** RFC 8098 3.1: a person opened it, and the portal tells so without asking again. */
function disposition(hostname: string, recipient: string, headerMessageId: string): string {
  return [
    `Reporting-UA: ${hostname}; Sallyport portal`,
    `Final-Recipient: ${typedAddress(recipient)}`,
    ...(/^<[\x21-\x3b\x3d\x3f-\x7e]{1,900}>$/.test(headerMessageId)
      ? [`Original-Message-ID: ${headerMessageId}`]
      : []),
    'Disposition: manual-action/MDN-sent-automatically; displayed',
    '',
  ].join('\r\n');
}
