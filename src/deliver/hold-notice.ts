import type { LoadedConfig } from '../config/load.js';
import type { Decision } from '../model/decision.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { toldMessageId } from '../model/told-message-id.js';
import type { BodyStore, NewMessage } from '../store/ports.js';
import { noticeTarget } from './notice-target.js';
import { ownMail } from './own-mail.js';

/**
 * Tells whoever hears of a message (`noticeTarget`) and the reviewers that recipients of a message wait for a person. Holds no PHI: our ID, the
 * Message-ID (where it may be told), the time, the recipients, the reason in a rule's words and how long it waits.
 */
export async function holdNotices(
  input: {
    readonly loaded: LoadedConfig;
    readonly message: StoredMessage;
    readonly held: readonly {
      readonly recipient: StoredRecipient;
      readonly reason: string;
      /** The new one, where there is one. */
      readonly decision?: Decision;
    }[];
    readonly expiresAt: number;
    readonly now: number;
  },
  bodies: Pick<BodyStore, 'seal'>,
): Promise<readonly NewMessage[]> {
  const { message, now } = input;
  const { config } = input.loaded;
  const { name, postmaster, reviewers } = config.organisation;
  const told = noticeTarget(config, message);
  // The envelope sender of mail that was redirected may lead back to a stranger.
  const target = message.authors?.unsure === true && told === message.sender ? undefined : told;
  const messageId = shownMessageId(input);
  const readers = new Set([...(target === undefined ? [] : [target]), ...reviewers]);
  const notices: NewMessage[] = [];
  for (const reader of readers) {
    const review = reviewers.includes(reader);
    notices.push(
      await ownMail(
        {
          origin: 'hold-notice',
          envelopeFrom: '',
          headerFrom: { name: `${name} mail gateway`, address: postmaster },
          to: reader,
          subject: review ? `Mail waits for review (${message.id})` : waitsText(message, reader),
          text: noticeText(input, reader, postmaster),
          aboutMessage: message.id,
          now,
          hostname: config.hostname,
          lifetimeMs: config.delivery.lifetime,
          ...(review ? {} : { autoSubmitted: 'auto-replied' as const }),
          ...(review || messageId === undefined ? {} : { inReplyTo: messageId }),
        },
        bodies,
      ),
    );
  }
  return notices;
}

function shownMessageId({ message, held }: Parameters<typeof holdNotices>[0]): string | undefined {
  return toldMessageId(
    message,
    held.map((one) => one.decision ?? one.recipient.decision),
  );
}

function waitsText(message: StoredMessage, reader: string): string {
  return `${reader === message.sender ? 'Your' : 'A'} message waits for review`;
}

/** Who wrote it, as far as that is known: a device may give no sender, and the gateway's own mail has none. */
function senderText({ origin, identity, sender }: StoredMessage): string {
  if (sender !== '') return sender;
  return origin === 'submitted' ? identity : 'the gateway itself';
}

function noticeText(input: Parameters<typeof holdNotices>[0], reader: string, postmaster: string): string {
  const { message } = input;
  const review = input.loaded.config.organisation.reviewers.includes(reader);
  const whose = reader === message.sender ? 'Your message' : `A message from ${senderText(message)}`;
  const messageId = shownMessageId(input) ?? '';
  const lines = ['This is the mail gateway.', ''];
  lines.push(
    review
      ? `A message from ${senderText(message)} is held and waits for a decision.`
      : `${whose} is held and was not sent on to the recipients below. A person decides what happens to it.`,
    '',
    `  Held as:     ${message.id}`,
    `  Message-ID:  ${/^<[\x21-\x7e]{1,250}>$/.test(messageId) ? messageId : '(none)'}`,
    `  Received:    ${new Date(message.receivedAt).toUTCString()}`,
    '',
  );
  for (const { recipient, reason } of input.held)
    lines.push(
      `  ${recipient.address}`,
      `    ${reason.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' ').trim()}`,
    );
  lines.push(
    '',
    `If nobody decides by ${new Date(input.expiresAt).toUTCString()}, it goes back to the sender.`,
    '',
  );
  if (review) {
    const decisions = input.held.map((one) => one.decision ?? one.recipient.decision);
    lines.push(
      `  sallyport held show ${message.id}`,
      ...(decisions.some(isReleasable) ? [`  sallyport held release ${message.id}`] : []),
      `  sallyport held reject ${message.id} --reason "..."`,
      '',
    );
    const page = input.loaded.config.review?.url;
    if (page !== undefined) lines.push(`Or in a browser: ${new URL(page).origin}/held/${message.id}`, '');
    if (decisions.some((one) => isReleasable(one) && one?.demand.release === 'two-person'))
      lines.push('Two operators must release it, each with their own token.', '');
  }
  lines.push(`Questions? Write to ${postmaster} and name ${message.id}.`, '');
  return lines.join('\n');
}

/** Whether a release could ever be allowed; whether a method is left is found out by then. */
function isReleasable(decision: Decision | undefined): boolean {
  return (
    decision !== undefined &&
    decision.cannotRewrite === undefined &&
    decision.considered.some(
      ({ method, leftOut }) => leftOut !== true && decision.demand.methods.includes(method),
    )
  );
}
