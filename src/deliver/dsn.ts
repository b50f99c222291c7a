import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { toldMessageId } from '../model/told-message-id.js';
import { typedAddress } from '../shared/typed-address.js';
import type { BodyStore, NewMessage } from '../store/ports.js';
import type { DsnAction } from './dsn-wanted.js';
import { isOrcpt, isXtext } from './envelope-commands.js';
import { type OriginalHeaders, originalHeaders } from './original-headers.js';
import { ownMail } from './own-mail.js';

/** What became of one recipient, in our words. */
export interface DsnReport {
  readonly recipient: Pick<StoredRecipient, 'address' | 'orcpt' | 'decision'>;
  readonly action: DsnAction;
  /** RFC 3463 status. */
  readonly status: string;
  /** For the human part; may be the text of a rule (written by the administrator for the sender). */
  readonly reason: string;
  /** Peer and its reply code, where there was one; never its text. Without one, `relayed` means: into the portal. */
  readonly host?: string;
  readonly replyCode?: number;
  /** When a delayed recipient is given up, epoch milliseconds. */
  readonly retriedUntil?: number;
}

/**
 * A delivery status notification (RFC 3464) about `message` to whoever hears of it, from the null sender. Holds envelope data,
 * codes and our words; of the original only Date and, where they may be shown, Message-ID and Subject.
 * Callers ask `noticeTarget` and `dsnWanted` first.
 */
export async function dsn(
  input: {
    readonly loaded: LoadedConfig;
    readonly message: StoredMessage;
    readonly to: string;
    readonly reports: readonly DsnReport[];
    readonly now: number;
  },
  bodies: Pick<BodyStore, 'seal' | 'open'>,
): Promise<NewMessage> {
  const { message, reports, now } = input;
  const { config } = input.loaded;
  const headers = await originalHeaders(message, bodies, {
    // What a rule protects isn't told in the clear afterwards, not even where nothing was found in it.
    subject: !reports.some(({ recipient }) => recipient.decision?.protected === true),
  });
  const messageId = toldMessageId(
    message,
    reports.map(({ recipient }) => recipient.decision),
  );
  const about = input.to === message.sender ? 'Your message' : 'A message';
  const { name, postmaster } = config.organisation;
  return ownMail(
    {
      origin: 'dsn',
      envelopeFrom: '',
      headerFrom: { name: `${name} mail gateway`, address: postmaster },
      to: input.to,
      subject: subjectLine(reports, about),
      text: humanText(message, reports, headers, postmaster, about),
      aboutMessage: message.id,
      now,
      hostname: config.hostname,
      lifetimeMs: config.delivery.lifetime,
      ...(messageId === undefined ? {} : { inReplyTo: messageId }),
      autoSubmitted: 'auto-replied',
      report: {
        type: 'delivery-status',
        parts: [
          {
            contentType: 'message/delivery-status',
            content: machineText(message, reports, config.hostname, now),
          },
          { contentType: 'text/rfc822-headers', content: headerText(messageId, headers) },
        ],
      },
    },
    bodies,
  );
}

/** What the reader calls it: one that hears of a device's mail did not write it. */
type About = 'Your message' | 'A message';

function subjectLine(reports: readonly DsnReport[], about: About): string {
  if (reports.some((one) => one.action === 'failed')) return `${about} could not be delivered`;
  return reports.some((one) => one.action === 'delayed') ? `${about} is delayed` : `${about} was handed on`;
}

function humanText(
  message: StoredMessage,
  reports: readonly DsnReport[],
  headers: OriginalHeaders,
  postmaster: string,
  about: About,
): string {
  const lines = ['This is the mail gateway.', ''];
  lines.push(`${about} of ${new Date(message.receivedAt).toUTCString()}`);
  if (about === 'A message') lines.push(`from ${senderText(message)}`);
  if (headers.subject !== undefined) lines.push(`with the subject "${headers.subject}"`);
  lines.push(`(${message.id}):`, '');
  for (const report of reports) {
    lines.push(
      `  ${report.recipient.address}`,
      `    ${outcomeText(report)}`,
      `    ${cleanReason(report.reason)}`,
    );
    if (report.host !== undefined)
      lines.push(
        `    Server: ${report.host}${report.replyCode === undefined ? '' : `, reply ${report.replyCode}`}`,
      );
    lines.push(`    Status: ${report.status}`, '');
  }
  lines.push(`Questions? Write to ${postmaster} and name ${message.id}.`, '');
  return lines.join('\n');
}

function senderText({ identity, sender }: StoredMessage): string {
  return sender === '' ? identity : `${sender} (${identity})`;
}

function outcomeText(report: DsnReport): string {
  switch (report.action) {
    case 'failed':
      return 'was not delivered, and will not be tried again.';
    case 'delayed':
      return report.retriedUntil === undefined
        ? 'could not be delivered yet. You need not do anything.'
        : `could not be delivered yet; we keep trying until ${new Date(report.retriedUntil).toUTCString()}. You need not do anything.`;
    case 'relayed':
      if (report.host === undefined)
        return 'was put into the portal, and its recipient told by mail. Whether it is opened, this report does not say.';
      return 'was handed to the next server, which sends no confirmations of its own.';
  }
}

/** Reasons are ours or an administrator's; a line break must not let one look like something else. */
function cleanReason(reason: string): string {
  return reason.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' ').trim();
}

function machineText(
  message: StoredMessage,
  reports: readonly DsnReport[],
  hostname: string,
  now: number,
): string {
  const perMessage = [`Reporting-MTA: dns; ${hostname}`, `Arrival-Date: ${mailDate(message.receivedAt)}`];
  const envid = message.dsn.envid === undefined ? undefined : fromXtext(message.dsn.envid);
  if (envid !== undefined) perMessage.unshift(`Original-Envelope-Id: ${envid}`);
  const groups = reports.map((report) => {
    const lines: string[] = [];
    const { orcpt } = report.recipient;
    if (orcpt !== undefined && isOrcpt(orcpt)) {
      const at = orcpt.indexOf(';');
      const decoded = fromXtext(orcpt.slice(at + 1));
      if (decoded !== undefined) lines.push(`Original-Recipient: ${orcpt.slice(0, at)}; ${decoded}`);
    }
    lines.push(`Final-Recipient: ${typedAddress(report.recipient.address)}`);
    lines.push(`Action: ${report.action}`, `Status: ${report.status}`);
    if (report.host !== undefined) lines.push(`Remote-MTA: dns; ${report.host}`);
    if (report.replyCode !== undefined)
      lines.push(`Diagnostic-Code: smtp; ${report.replyCode} ${report.status}`);
    lines.push(`Last-Attempt-Date: ${mailDate(now)}`);
    if (report.action === 'delayed' && report.retriedUntil !== undefined)
      lines.push(`Will-Retry-Until: ${mailDate(report.retriedUntil)}`);
    return lines.join('\r\n');
  });
  return [perMessage.join('\r\n'), ...groups].join('\r\n\r\n');
}

function headerText(messageId: string | undefined, headers: OriginalHeaders): string {
  const lines: string[] = [];
  if (messageId !== undefined && /^<[\x21-\x7e]{1,900}>$/.test(messageId))
    lines.push(`Message-ID: ${messageId}`);
  if (headers.date !== undefined) lines.push(`Date: ${headers.date}`);
  if (headers.subject !== undefined) lines.push(`Subject: ${headers.subject}`);
  return `${lines.join('\r\n')}\r\n`;
}

/** Decoded xtext, if it is printable ASCII. */
function fromXtext(text: string): string | undefined {
  if (!isXtext(text, 500)) return undefined;
  const decoded = text.replace(/\+([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return /^[\x20-\x7e]+$/.test(decoded) ? decoded : undefined;
}

function mailDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}
