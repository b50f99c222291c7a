import { auditEvent } from '../../audit/events.js';
import type { StoredMessage } from '../../model/message.js';
import { PORTAL_IDENTITY } from '../../model/own-identity.js';
import type { PortalItem } from '../../model/portal-item.js';
import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import { newId } from '../../shared/ids.js';
import type { NewRecipient } from '../../store/ports.js';
import { about } from '../sign-in.js';
import type { Site } from '../site.js';
import { composeReply } from './compose.js';
import { removeFiles, type UploadedFile } from './read-upload.js';

const HOUR = 3_600_000;

/** Whether a recipient has written as many replies within an hour as are allowed. */
export async function wroteTooMany(
  { portal, config }: Pick<Site, 'portal' | 'config'>,
  recipient: string,
  now: number,
): Promise<boolean> {
  const newest = await portal.replies(recipient, config.reply.per_hour);
  const oldest = newest.at(-1);
  return newest.length >= config.reply.per_hour && oldest !== undefined && oldest.createdAt > now - HOUR;
}

/** A reply that was checked: its recipients are among those allowed. */
export interface ReplyToSend {
  readonly item: PortalItem;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly files: readonly UploadedFile[];
  readonly keepCopy: boolean;
  readonly inReplyTo: string;
  readonly references: readonly string[];
  readonly client: string;
}

/**
 * Puts a reply into the queue as a received message: it is inspected, decided, protected and delivered like any mail. The
 * copy that its writer keeps is made in the same commit.
 * @returns `too-many` where the limit of an hour was reached meanwhile
 * @throws StoreUnavailable; ChangeRefused when the item was closed meanwhile. Nothing is kept then.
 */
export function sendReply(site: Site, reply: ReplyToSend): Promise<'sent' | 'too-many'> {
  const { item } = reply;
  return site.inTurn(`reply ${foldAddress(item.recipient)}`, async () => {
    const now = site.clock.now();
    if (await wroteTooMany(site, item.recipient, now)) {
      await removeFiles(site.bodies, reply.files);
      return 'too-many';
    }
    const id = newId(now);
    const headerMessageId = `<${id}@${site.loaded.config.hostname}>`;
    const sender = site.config.sender;
    const recipients = reply.to.map(recipientOf);
    const draft = { ...reply, writer: item.recipient, messageId: headerMessageId, now };
    const sealed = await composeReply(draft, sender, site.bodies, reply.keepCopy).finally(() =>
      removeFiles(site.bodies, reply.files),
    );
    const common = {
      identity: PORTAL_IDENTITY,
      sender,
      listener: 'portal',
      clientAddress: reply.client,
    };
    const message: Omit<StoredMessage, 'body' | 'state' | 'inspectAttempts' | 'subjectShowable'> = {
      ...common,
      id,
      origin: 'portal-reply',
      receivedAt: now,
      headerMessageId,
      smtpUtf8: [item.recipient, ...reply.to].some(needsUtf8),
      eightBitMime: false,
      dsn: {},
      aboutMessage: item.messageId,
      aboutPortalItem: item.id,
    };
    const { message: body, copy } = sealed;
    try {
      await site.portal.putReply(
        {
          id,
          itemId: item.id,
          recipient: foldAddress(item.recipient),
          messageId: id,
          createdAt: now,
          ...(copy === undefined ? {} : { body: copy }),
        },
        { message: { ...message, body }, recipients },
        [
          auditEvent('portal.reply-sent', {
            ...about(item, reply.client),
            replyId: id,
            recipients: recipients.length,
            attachments: reply.files.length,
            size: body.size,
            kept: copy !== undefined,
          }),
          auditEvent('message.accepted', {
            ...common,
            messageId: id,
            recipients: reply.to,
            size: body.size,
            headerMessageId,
          }),
        ],
      );
    } catch (error) {
      // Otherwise the commit may have reached the disk all the same: then the row must find its body.
      if (error instanceof Error && error.name === 'ChangeRefused')
        await removeFiles(
          site.bodies,
          [body, copy].flatMap((one) => (one === undefined ? [] : [{ body: one }])),
        );
      throw error;
    }
    site.onReceived(id);
    return 'sent';
  });
}

function recipientOf(address: string): NewRecipient {
  const parsed = parseAddress(address);
  if (!parsed.ok) throw new TypeError(`a recipient of a reply ${parsed.reason}`);
  return { address: parsed.mailbox.address, domain: parsed.mailbox.domain };
}

function needsUtf8(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed.ok && parsed.mailbox.needsSmtpUtf8;
}
