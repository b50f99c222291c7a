import type { DsnOptions, StoredRecipient } from '../model/message.js';
import { parseAddress } from '../shared/address.js';
import type { Capabilities } from './smtp-reply.js';

/*
 * The text of MAIL and RCPT. We write it ourselves, because clients that parse addresses again turn one recipient into
 * another, or into two, and send one recipient's NOTIFY and ORCPT for all. Every address is parsed by our own
 * grammar once more and must come back unchanged; no line may hold a control character.
 */

/** An address or parameter that must not be put on the wire. Means a bug or a damaged row: nothing is sent. */
export class EnvelopeError extends Error {
  override readonly name = 'EnvelopeError';
}

export interface MailParameters {
  /** `''` is the null reverse-path. */
  readonly sender: string;
  readonly size: number;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: DsnOptions;
  /** Protected mail asks for headers only in a DSN of the next hop (RFC 3461 4.3). */
  readonly headersOnly: boolean;
}

export type WireRecipient = Pick<StoredRecipient, 'address' | 'notify' | 'orcpt'>;

/** `MAIL FROM:<…>` with the parameters that the server knows; without CRLF. */
export function mailCommand(mail: MailParameters, server: Capabilities): string {
  const sender = mail.sender === '' ? '' : canonical(mail.sender);
  const words = [`MAIL FROM:<${sender}>`];
  if (server.sizeOffered) words.push(`SIZE=${Math.max(0, Math.floor(mail.size))}`);
  if (server.eightBitMime && mail.eightBitMime) words.push('BODY=8BITMIME');
  if (server.smtpUtf8 && mail.smtpUtf8) words.push('SMTPUTF8');
  if (server.dsn) {
    const ret = mail.headersOnly ? 'HDRS' : mail.dsn.ret;
    if (ret !== undefined) words.push(`RET=${ret}`);
    const { envid } = mail.dsn;
    if (envid !== undefined && isXtext(envid, 100)) words.push(`ENVID=${envid}`);
  }
  return line(words, mail.smtpUtf8);
}

/** `RCPT TO:<…>` with this recipient's own DSN parameters; without CRLF. */
export function rcptCommand(recipient: WireRecipient, server: Capabilities, smtpUtf8: boolean): string {
  const words = [`RCPT TO:<${canonical(recipient.address)}>`];
  if (server.dsn) {
    if (recipient.notify !== undefined && recipient.notify.length > 0)
      words.push(`NOTIFY=${notifyText(recipient.notify)}`);
    if (recipient.orcpt !== undefined && isOrcpt(recipient.orcpt)) words.push(`ORCPT=${recipient.orcpt}`);
  }
  return line(words, smtpUtf8);
}

/**
 * Asserts that the commands name exactly the decided recipients, in order and number (promise 8 of the design).
 * @throws EnvelopeError
 */
export function assertRecipients(commands: readonly string[], decided: readonly string[]): void {
  const onWire = commands.map((command) => /^RCPT TO:<([^<>]*)>(?: |$)/.exec(command)?.[1]);
  const same = onWire.length === decided.length && onWire.every((address, i) => address === decided[i]);
  if (!same || new Set(decided).size !== decided.length)
    throw new EnvelopeError('the recipients to be sent are not those decided');
}

/** xtext of RFC 3461 section 4, at most `max` characters. */
export function isXtext(text: string, max: number): boolean {
  return (
    text.length > 0 && text.length <= max && /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})+$/.test(text)
  );
}

/** `addr-type;xtext` of RFC 3461 4.2. */
export function isOrcpt(text: string): boolean {
  const match = /^([A-Za-z0-9-]{1,32});(.+)$/s.exec(text);
  return match !== null && isXtext(match[2] ?? '', 500);
}

function notifyText(notify: NonNullable<WireRecipient['notify']>): string {
  // NEVER stands alone (RFC 3461 4.1).
  return notify.includes('NEVER') ? 'NEVER' : notify.join(',');
}

function canonical(address: string): string {
  const parsed = parseAddress(address);
  if (!parsed.ok || parsed.mailbox.address !== address)
    throw new EnvelopeError('an envelope address is not in canonical form');
  return address;
}

function line(words: readonly string[], smtpUtf8: boolean): string {
  const text = words.join(' ');
  const clean = smtpUtf8 ? !/[\x00-\x1f\x7f-\x9f\u2028\u2029]/.test(text) : /^[\x20-\x7e]+$/.test(text);
  if (!clean) throw new EnvelopeError('an envelope command holds a character that may not be sent');
  return text;
}
