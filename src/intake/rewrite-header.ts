import type { HeaderField } from './header-block.js';
import { STREAM_FIELD } from './stream.js';

/** What our Received field says of a transaction. */
export interface Trace {
  readonly id: string;
  /** Our name. */
  readonly hostname: string;
  readonly clientAddress: string;
  readonly esmtp: boolean;
  readonly smtpUtf8: boolean;
  readonly authenticated: boolean;
  /** IANA name of the cipher suite and the protocol, where TLS was used. */
  readonly tls?: { readonly protocol: string; readonly suite: string };
  /** Epoch milliseconds. */
  readonly receivedAt: number;
}

/** Fields that tell of recipients whom others must not see, that only the last server may write, or that are for us. */
const REMOVED = new Set(['bcc', 'resent-bcc', 'return-path', STREAM_FIELD]);

/**
 * The header as it is stored: our Received on top, Message-ID and Date where they were missing, Bcc, Resent-Bcc and
 * Return-Path gone; every other field stays as it came, byte for byte. Without the empty line at its end.
 * @param secretHeaders names (lower case) of fields that hold a secret; they go, too
 */
export function rewriteHeader(
  fields: readonly HeaderField[],
  trace: Trace,
  secretHeaders: ReadonlySet<string>,
): { readonly bytes: Buffer; readonly messageId: string } {
  const added = [receivedField(trace)];
  const given = fields.find((field) => field.name === 'message-id');
  const own = `<${trace.id}@${trace.hostname}>`;
  if (given === undefined) added.push(`Message-ID: ${own}\r\n`);
  if (!fields.some((field) => field.name === 'date')) added.push(`Date: ${mailDate(trace.receivedAt)}\r\n`);
  const kept = fields
    .filter((field) => !REMOVED.has(field.name) && !secretHeaders.has(field.name))
    .map((field) => field.raw);
  return {
    bytes: Buffer.concat([Buffer.from(added.join(''), 'latin1'), ...kept]),
    messageId: given === undefined ? own : plainMessageId(given.value),
  };
}

/**
 * RFC 5321 4.4, with the TLS clause of RFC 8314 4.3. The client is named by its address only: the name it gave is its
 * own invention, often a person's machine. There is no `for`, which would show one recipient to another.
 */
function receivedField(trace: Trace): string {
  const literal = trace.clientAddress.includes(':')
    ? `[IPv6:${trace.clientAddress.split('%')[0]}]`
    : `[${trace.clientAddress}]`;
  const tls = trace.tls === undefined ? '' : `\r\n\ttls ${trace.tls.suite} (${trace.tls.protocol})`;
  return (
    `Received: from ${literal}\r\n\tby ${trace.hostname} (Sallyport)\r\n` +
    `\twith ${protocol(trace)}${tls}\r\n\tid ${trace.id};\r\n\t${mailDate(trace.receivedAt)}\r\n`
  );
}

/** RFC 3848 and, with SMTPUTF8, RFC 6531 4.3. */
function protocol(trace: Trace): string {
  if (!trace.esmtp) return 'SMTP';
  const base = trace.smtpUtf8 ? 'UTF8SMTP' : 'ESMTP';
  return `${base}${trace.tls === undefined ? '' : 'S'}${trace.authenticated ? 'A' : ''}`;
}

/** RFC 5322 3.3, in UTC. */
function mailDate(at: number): string {
  return new Date(at).toUTCString().replace('GMT', '+0000');
}

/** The Message-ID to know the message by: printable, without white space, in angle brackets, 250 characters at most. */
function plainMessageId(value: string): string {
  const inner = /<([^<>]*)>/.exec(value)?.[1] ?? value;
  return `<${inner.replace(/[^\x21-\x3b\x3d\x3f-\x7e]/g, '').slice(0, 250)}>`;
}
