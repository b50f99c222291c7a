import { bareAddresses } from './outer-addresses.js';
import { fieldValue, type RawField } from './raw-header.js';

/**
 * What stays outside of a sealed message: a stricter composing policy than RFC 9788's `hcp_shy`, which leaves every
 * field outside but Subject, Keywords and Comments, and addresses without display names. Here a field must be on this
 * list, because others repeat the Subject (Thread-Topic of Outlook, X-…-Subject, List-Id) or hold what applications put
 * there; and of each only what has a fixed form stays. Inside, all of them travel whole.
 */
const ADDRESSES: ReadonlySet<string> = new Set([
  'from',
  'sender',
  'to',
  'cc',
  'reply-to',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-reply-to',
  'disposition-notification-to',
  'return-receipt-to',
]);
const DATES: ReadonlySet<string> = new Set(['date', 'resent-date']);
/** Only their `<…>` stay: old programs write words about the message between them (RFC 822 4.6.2). */
const MESSAGE_IDS: ReadonlySet<string> = new Set([
  'message-id',
  'resent-message-id',
  'in-reply-to',
  'references',
]);
/** They have a fixed vocabulary; free text in them stays inside. */
const WORDS: ReadonlySet<string> = new Set([
  'auto-submitted',
  'importance',
  'precedence',
  'priority',
  'sensitivity',
  'x-auto-response-suppress',
  'x-msmail-priority',
  'x-priority',
]);
const KNOWN_WORD =
  /^(?:[1-5]|highest|high|normal|low|lowest|urgent|non-urgent|bulk|list|junk|first-class|special-delivery|no|auto-generated|auto-replied|auto-notified|all|none|dr|ndr|rn|nrn|oof|autoreply|personal|private|company-confidential)$/i;

/** RFC 5322 3.3, with the name of a time zone as the only comment. */
const DATE =
  /^(?:[a-z]{3},?\s+)?\d{1,2}\s+[a-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?\s+(?:[+-]\d{4}|[a-z]{1,5})(?:\s*\([a-z]{1,5}\))?$/i;
const MESSAGE_ID = /<[^\s<>]+>/g;

/** Trace fields (RFC 5322 3.6.7, RFC 5321 4.4) and what servers note on the way: they belong to no author. */
const TRACE: ReadonlySet<string> = new Set([
  'received',
  'received-spf',
  'x-received',
  'return-path',
  'dkim-signature',
  'domainkey-signature',
  'x-google-dkim-signature',
  'authentication-results',
  'x-authentication-results',
  'delivered-to',
  'envelope-to',
  'apparently-to',
  'original-recipient',
  'x-delivered-to',
  'x-envelope-to',
  'x-original-to',
  'x-rcpt-to',
]);
/** They name recipients whom the others must not see (RFC 5322 3.6.3; RFC 9788 11.4). */
const BLIND: ReadonlySet<string> = new Set(['bcc', 'resent-bcc', 'x-bcc']);

/** What stands outside in place of what travels inside. */
export interface Outside {
  /** One line of ASCII. */
  readonly subject: string;
  /** Given where the message's own IDs must not show: it stands for Message-ID, and the IDs of others are left out. */
  readonly messageId?: string;
}

/** Whether a field describes the entity itself (RFC 2045): it stays with the body and is no field of the message. */
export function isStructural(field: RawField): boolean {
  return field.name === 'mime-version' || field.name.startsWith('content-');
}

/**
 * Whether a field travels inside. Trace fields don't, nor does what names hidden recipients; HP-Outer is ours to write
 * (RFC 9788 2.2), so a sender's own counts for nothing.
 */
export function travelsInside(field: RawField): boolean {
  if (field.name === 'mime-version' || field.name === 'hp-outer') return false;
  return !TRACE.has(field.name) && !field.name.startsWith('arc-') && !BLIND.has(field.name);
}

/**
 * A field as it stands outside, or undefined where it doesn't. Signatures made upstream (DKIM, ARC) are left out: they
 * were made over a Subject and a body that are no longer there.
 */
export function outerField(field: RawField, outside: Outside): string | undefined {
  const { name } = field;
  if (name === 'subject') return `Subject: ${outside.subject}\r\n`;
  if (name === 'received') return outerReceived(field);
  if (ADDRESSES.has(name)) return outerAddresses(field);
  if (DATES.has(name)) return outerDate(field);
  if (MESSAGE_IDS.has(name))
    return outside.messageId === undefined ? outerIds(field) : outerId(field, outside.messageId);
  if (!WORDS.has(name)) return undefined;
  const words = fieldValue(field)
    .split(/[\s,;()]+/)
    .filter((word) => word !== '');
  return words.length > 0 && words.every((word) => KNOWN_WORD.test(word)) ? field.raw : undefined;
}

/** Names, comments and group names are free text: only the addresses themselves stay outside. */
function outerAddresses(field: RawField): string | undefined {
  const addresses = bareAddresses(fieldValue(field));
  return addresses.length === 0 ? undefined : `${writtenName(field)}: ${addresses.join(',\r\n ')}\r\n`;
}

/**
 * That a server had it, and when: a loop is found by the number of these fields (RFC 5321 6.3). What a client called
 * itself, comments and `for` with a recipient, who may be a hidden one, are left out.
 */
function outerReceived(field: RawField): string {
  const value = fieldValue(field);
  const date = value.slice(value.lastIndexOf(';') + 1).trim();
  const by = /\sby\s+([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?=[\s;])/i.exec(` ${value}`)?.[1];
  const when = DATE.test(date) ? `; ${date}` : '';
  return `Received: by ${by ?? 'a server'}${when}\r\n`;
}

function outerId(field: RawField, messageId: string): string | undefined {
  return field.name === 'message-id' ? `${writtenName(field)}: ${messageId}\r\n` : undefined;
}

function outerDate(field: RawField): string | undefined {
  const value = fieldValue(field);
  if (DATE.test(value)) return field.raw;
  const bare = value.replace(/\([^()]*\)/g, ' ').trim();
  return DATE.test(bare) ? `${writtenName(field)}: ${bare}\r\n` : undefined;
}

function outerIds(field: RawField): string | undefined {
  const value = fieldValue(field);
  const ids = value.match(MESSAGE_ID) ?? [];
  if (value.replace(MESSAGE_ID, '').trim() === '' && ids.length > 0) return field.raw;
  return ids.length === 0 ? undefined : `${writtenName(field)}: ${ids.join('\r\n ')}\r\n`;
}

function writtenName(field: RawField): string {
  return field.raw.slice(0, field.raw.indexOf(':')).trim();
}
