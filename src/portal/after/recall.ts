import { simpleParser } from 'mailparser';
import { type AuditEvent, auditEvent } from '../../audit/events.js';
import type { LoadedConfig } from '../../config/load.js';
import type { PortalConfig } from '../../config/schema.js';
import type { SealedBody, StoredMessage, StoredRecipient } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { Log } from '../../ops/log.js';
import type { Clock } from '../../shared/clock.js';
import { errorFacts } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import { headerSection, headerValues } from '../../shared/header-section.js';
import type { BodyStore, NewMessage } from '../../store/ports.js';
import { brandFor } from '../brand.js';
import { type MailContent, mailText, oneLine } from '../notice.js';
import type { OwnMail } from '../own-mail.js';
import { createPages } from '../pages.js';
import { texts } from '../texts.js';
import { timeText } from '../time-text.js';
import { itemsMeant, type RecallOutcome, type RecallStores, recallItem } from './recall-items.js';
import { type RequestHeader, readRecallRequest } from './recall-request.js';
import { type AfterDeps, maySenderBeTold } from './to-sender.js';

export interface RecallDeps extends RecallStores {
  readonly loaded: () => LoadedConfig;
  readonly bodies: Pick<BodyStore, 'open' | 'seal'>;
  readonly ownMail: OwnMail;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Carries out requests of senders to take messages back. A request is mail to the portal's own address (`portal.sender`),
 * to nobody else, that came in like any mail: so its envelope sender is one that its client may use, and only messages
 * of that very sender are meant.
 * @returns whether the message was such a request, and is done with: its recipient has ended, and its sender is told
 */
export function createRecall(
  deps: RecallDeps,
): (message: StoredMessage, recipients: readonly StoredRecipient[]) => Promise<boolean> {
  const pages = createPages([]);
  return async (message, recipients) => {
    const loaded = deps.loaded();
    const { portal, hostname } = loaded.config;
    if (portal === undefined || portal.recall === 'off') return false;
    if (message.state !== 'received' || message.body === undefined) return false;
    if (!maySenderBeTold(loaded, message)) return false;
    const [recipient, ...others] = recipients;
    if (recipient === undefined || others.length > 0 || recipient.state !== 'received') return false;
    if (foldAddress(recipient.address) !== foldAddress(portal.sender)) return false;
    const header = await requestHeader(deps, message.id, message.body);
    const target = header === undefined ? undefined : readRecallRequest(header, hostname);
    if (target === undefined) return false;

    const meant = await itemsMeant(deps, target, message.sender);
    const request = { id: message.id, sender: message.sender };
    // By an address alone, one of several messages is not chosen for anybody.
    const several = target.kind !== 'id' && new Set(meant.map((item) => item.messageId)).size > 1;
    const outcomes: RecallOutcome[] = [];
    if (!several)
      for (const item of meant) outcomes.push(await recallItem(deps, portal.recall, item, request));
    const refused: AuditEvent[] =
      outcomes.length > 0
        ? []
        : [
            auditEvent('portal.recall-refused', {
              messageId: message.id,
              sender: message.sender,
              requestId: message.id,
              reason: several ? 'several messages are meant' : 'no message of the sender is meant',
            }),
          ];
    const notice = await answer(
      { ...deps, loaded, pages },
      portal,
      message,
      {
        outcomes,
        choices: several ? meant : [],
      },
      deps.clock.now(),
    );
    await finish(deps, message, recipient, notice, refused);
    return true;
  };
}

/** The request has reached its end: nothing of it is sent on. */
async function finish(
  deps: Pick<RecallDeps, 'queue'>,
  message: StoredMessage,
  recipient: StoredRecipient,
  notice: NewMessage,
  events: readonly AuditEvent[],
): Promise<void> {
  const reason = 'it asked the portal to take a message back';
  await deps.queue.apply(
    {
      recipients: [
        {
          key: { messageId: message.id, index: recipient.index },
          from: ['received'],
          set: { state: 'ended', lastReason: reason },
        },
      ],
      create: [notice],
      decided: { messageId: message.id, subjectShowable: false },
    },
    [
      ...events,
      auditEvent('recipient.ended', {
        messageId: message.id,
        recipient: recipient.address,
        actor: message.sender,
        reason,
      }),
      auditEvent('notice.queued', {
        messageId: message.id,
        noticeId: notice.message.id,
        kind: 'recall-notice',
        recipient: message.sender,
      }),
    ],
  );
}

/**
 * The header, its encoded words decoded by a library: the Subject that Outlook makes of an answer may have them.
 * undefined where it can't be read: then it is mail like any other, decided as unread.
 */
async function requestHeader(
  deps: Pick<RecallDeps, 'bodies' | 'log'>,
  id: string,
  body: SealedBody,
): Promise<RequestHeader | undefined> {
  let header: string;
  try {
    header = await headerSection(deps.bodies.open(body));
  } catch (error) {
    deps.log.warn({ id, ...errorFacts(error) }, 'a mail to the portal cannot be read');
    return undefined;
  }
  const [subject] = headerValues(header, 'subject');
  const decoded = await simpleParser(Buffer.from(`Subject: ${subject ?? ''}\r\n\r\n`, 'latin1'));
  const [trigger] = headerValues(header, 'x-sallyport-recall');
  const [autoSubmitted] = headerValues(header, 'auto-submitted');
  return {
    subject: decoded.subject ?? '',
    answers: [...headerValues(header, 'references'), ...headerValues(header, 'in-reply-to')].join(' '),
    ...(trigger === undefined ? {} : { trigger }),
    ...(autoSubmitted === undefined ? {} : { autoSubmitted }),
  };
}

/** Tells the sender plainly, above all what had been read. */
function answer(
  deps: AfterDeps,
  portal: NonNullable<PortalConfig>,
  message: StoredMessage,
  result: { readonly outcomes: readonly RecallOutcome[]; readonly choices: readonly PortalItem[] },
  now: number,
): Promise<NewMessage> {
  const { config } = deps.loaded;
  const { language } = portal;
  const t = texts(language);
  const brand = brandFor(config, message.sender);
  const sent = (item: PortalItem) => timeText(item.createdAt, language);
  const points = result.outcomes.map(({ item, result: what }) =>
    t(`recall-mail.${what}`, {
      recipient: oneLine(item.recipient),
      sent: sent(item),
      opened: item.firstReadAt === undefined ? '' : timeText(item.firstReadAt, language),
    }),
  );
  const choices = result.choices.map((item) =>
    t('recall-mail.one-of', { reference: item.id, recipient: oneLine(item.recipient), sent: sent(item) }),
  );
  const content: MailContent = {
    subject: t('recall-mail.subject'),
    paragraphs: [
      t('recall-mail.asked'),
      ...(choices.length > 0 ? [t('recall-mail.several')] : []),
      ...(choices.length + points.length === 0 ? [t('recall-mail.unknown')] : []),
      ...choices,
      ...points,
    ],
    after: [t('layout.questions', { postmaster: brand.postmaster, organisation: oneLine(brand.name) })],
  };
  return deps.ownMail(
    {
      origin: 'recall-notice',
      envelopeFrom: '',
      headerFrom: { name: brand.name, address: portal.sender },
      to: message.sender,
      ...mailText(deps.pages, { language, brand }, content),
      aboutMessage: message.id,
      now,
      hostname: config.hostname,
      lifetimeMs: config.delivery.lifetime,
      // Without the request's Message-ID: nobody looked into that, and this may travel in the clear.
      autoSubmitted: 'auto-replied',
    },
    deps.bodies,
  );
}
