import MimeNode from 'nodemailer/lib/mime-node';
import type { MessageOrigin } from '../model/message.js';
import { RELAY_IDENTITY } from '../model/own-identity.js';
import { systemDecision } from '../model/system-decision.js';
import { parseAddress } from '../shared/address.js';
import { newId } from '../shared/ids.js';
import type { BodyStore, NewMessage } from '../store/ports.js';

/** Mail that the gateway writes itself. Nothing in it may be PHI: no body text, no Subject of others' mail. */
export interface OwnMailInput {
  readonly origin: MessageOrigin;
  /** Reverse-path; `''` is the null sender. */
  readonly envelopeFrom: string;
  readonly headerFrom: { readonly name: string; readonly address: string };
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** Message that it is about, by our ID. */
  readonly aboutMessage?: string;
  readonly aboutPortalItem?: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Right-hand side of the Message-ID. */
  readonly hostname: string;
  /** How long delivery is tried, in milliseconds. */
  readonly lifetimeMs: number;
  /** Message-ID (with angle brackets) that it answers. */
  readonly inReplyTo?: string;
  /** `auto-replied` for DSNs, else `auto-generated` (RFC 3834 section 5). */
  readonly autoSubmitted?: 'auto-replied' | 'auto-generated';
  /** Further parts of a multipart/report (RFC 6522); `text` is its first part. */
  readonly report?: { readonly type: string; readonly parts: readonly ReportPart[] };
}

export interface ReportPart {
  readonly contentType: string;
  /** ASCII, CRLF lines. */
  readonly content: string;
}

/**
 * Composes one message of our own, seals it and gives the row to queue: one recipient, decided as `plain` by
 * `systemDecision`, due at once.
 * @throws TypeError when an address is not one by our grammar; rejects when the store can't seal
 */
export async function ownMail(input: OwnMailInput, bodies: Pick<BodyStore, 'seal'>): Promise<NewMessage> {
  const to = mailbox(input.to);
  const from = mailbox(input.headerFrom.address);
  const sender = input.envelopeFrom === '' ? undefined : mailbox(input.envelopeFrom);
  const id = newId(input.now);
  const headerMessageId = `<${id}@${input.hostname}>`;
  const bytes = await composeOwnMail(input, headerMessageId);
  const utf8 = to.needsSmtpUtf8 || from.needsSmtpUtf8 || sender?.needsSmtpUtf8 === true;
  return {
    message: {
      id,
      origin: input.origin,
      receivedAt: input.now,
      identity: RELAY_IDENTITY,
      sender: sender?.address ?? '',
      headerMessageId,
      smtpUtf8: utf8,
      eightBitMime: bytes.some((byte) => byte > 127),
      dsn: {},
      listener: 'internal',
      clientAddress: '',
      ...(input.aboutMessage === undefined ? {} : { aboutMessage: input.aboutMessage }),
      ...(input.aboutPortalItem === undefined ? {} : { aboutPortalItem: input.aboutPortalItem }),
      body: await bodies.seal(bytes),
    },
    recipients: [
      {
        address: to.address,
        domain: to.domain,
        queued: {
          decision: systemDecision(to.address),
          method: 'plain',
          nextAttemptAt: input.now,
          expiresAt: input.now + input.lifetimeMs,
        },
      },
    ],
  };
}

/** The bytes of the message: CRLF lines, 7-bit unless an address itself is not ASCII. */
export async function composeOwnMail(input: OwnMailInput, headerMessageId: string): Promise<Uint8Array> {
  const root = new MimeNode(rootType(input));
  root.setHeader({
    From: { name: oneLine(input.headerFrom.name), address: input.headerFrom.address },
    To: { name: '', address: input.to },
    Subject: oneLine(input.subject),
    Date: new Date(input.now).toUTCString().replace('GMT', '+0000'),
    'Message-ID': headerMessageId,
    'Auto-Submitted': input.autoSubmitted ?? 'auto-generated',
    // Kept from vacation responders that don't know RFC 3834.
    'X-Auto-Response-Suppress': 'All',
  });
  if (input.inReplyTo !== undefined && /^<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>$/.test(input.inReplyTo)) {
    root.setHeader({ 'In-Reply-To': input.inReplyTo, References: input.inReplyTo });
  }
  if (input.report === undefined && input.html === undefined) {
    root.setContent(crlf(input.text));
  } else {
    root.createChild('text/plain; charset=utf-8').setContent(crlf(input.text));
    if (input.html !== undefined) root.createChild('text/html; charset=utf-8').setContent(crlf(input.html));
    for (const part of input.report?.parts ?? []) {
      root.createChild(part.contentType).setContent(crlf(part.content));
    }
  }
  const built = await root.build();
  return Buffer.from(crlf(built.toString('utf8')), 'utf8');
}

function rootType(input: OwnMailInput): string {
  if (input.report !== undefined) return `multipart/report; report-type=${input.report.type}`;
  return input.html === undefined ? 'text/plain; charset=utf-8' : 'multipart/alternative';
}

function mailbox(text: string) {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new TypeError(`an address for the gateway's own mail ${parsed.reason}`);
  return parsed.mailbox;
}

/** Header text on one line: control characters, so also CR and LF, become spaces. */
function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f\u0085\u2028\u2029]+/g, ' ').trim();
}

function crlf(text: string): string {
  return text.replace(/\r\n|\r|\n/g, '\r\n');
}
