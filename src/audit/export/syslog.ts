import type { EventLevel, ExportedEvent } from './exported-event.js';
import { oneLine } from './one-line.js';

/** RFC 5424 §6.2.1: "log audit". */
const FACILITY = 13;
const SEVERITY: Readonly<Record<EventLevel, number>> = { warning: 4, notice: 5, info: 6 };
/** The number that IANA keeps for examples (RFC 5612), unless the organisation names its own. */
export const EXAMPLE_ENTERPRISE = 32473;
/** What receivers should take (RFC 5425 §4.3.1). */
const MAX_BYTES = 8_192;
const MAX_VALUE = 400;

export interface SyslogOptions {
  readonly hostname: string;
  /** Private enterprise number behind the name of the structured data. */
  readonly enterprise: number;
}

/** An event as a syslog message (RFC 5424), without framing. `text` takes the place of its words. */
export function syslogMessage(event: ExportedEvent, options: SyslogOptions, text?: string): string {
  const head = [
    `<${FACILITY * 8 + SEVERITY[event.level]}>1`,
    event.time,
    printable(options.hostname, 255),
    'sallyport',
    '-',
    printable(event.type, 32),
    structured(event, options.enterprise),
  ].join(' ');
  const words = oneLine(text ?? event.summary);
  // BOM: the text is UTF-8, and says so (§6.4).
  const mark = /^[ -~]*$/.test(words) ? '' : '\uFEFF';
  return `${head} ${mark}${cut(words, MAX_BYTES - Buffer.byteLength(head) - 4)}`;
}

/** Octet counting (RFC 6587 §3.4.1, RFC 5425 §4.3): nothing in a message can begin another one. */
export function framed(message: string): string {
  return `${Buffer.byteLength(message)} ${message}`;
}

function structured(event: ExportedEvent, enterprise: number): string {
  const { seq, messageId, sender, recipient, outcome, method, clientAddress, actor, hash } = event;
  const values = {
    seq: String(seq),
    messageId,
    sender,
    recipient,
    outcome,
    method,
    clientAddress,
    actor,
    hash,
  };
  const parameters = Object.entries(values).flatMap(([name, value]) =>
    value === undefined ? [] : [` ${name}="${escaped(value)}"`],
  );
  return `[sallyport@${enterprise}${parameters.join('')}]`;
}

/** §6.3.3 */
function escaped(value: string): string {
  return oneLine(value)
    .slice(0, MAX_VALUE)
    .toWellFormed()
    .replace(/["\\\]]/g, '\\$&');
}

/** PRINTUSASCII; `-` where nothing is left. */
function printable(text: string, most: number): string {
  return text.replace(/[^!-~]/g, '').slice(0, most) || '-';
}

function cut(text: string, bytes: number): string {
  if (Buffer.byteLength(text) <= bytes) return text;
  const whole = Buffer.from(text)
    .subarray(0, Math.max(0, bytes - 3))
    .toString('utf8');
  // A character that was cut in two became U+FFFD.
  return `${whole.replace(/\uFFFD$/u, '')}…`;
}
