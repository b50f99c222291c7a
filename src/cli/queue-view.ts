import type { ConsideredMethod } from '../model/decision.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { Json } from '../shared/canonical-json.js';
import { printable, printLine, printTime } from './print.js';

type JsonRecord = { readonly [key: string]: Json | undefined };

export interface QueueRow {
  readonly message: StoredMessage;
  readonly recipient: StoredRecipient;
}

/** One recipient as JSON; field names are a contract. */
export function describeRow({ message, recipient }: QueueRow): JsonRecord {
  return {
    id: message.id,
    origin: message.origin,
    receivedAt: message.receivedAt,
    identity: message.identity,
    stream: message.stream ?? DEFAULT_STREAM,
    sender: message.sender,
    headerMessageId: message.headerMessageId,
    ...recipientJson(recipient),
  };
}

/** One message with its recipients as JSON. */
export function messageJson(rows: readonly QueueRow[]): JsonRecord {
  const message = rows[0]?.message;
  if (message === undefined) return {};
  const { id, origin, receivedAt, identity, sender, headerMessageId, listener, clientAddress, state } =
    message;
  return {
    id,
    origin,
    receivedAt,
    identity,
    stream: message.stream ?? DEFAULT_STREAM,
    sender,
    headerMessageId,
    listener,
    clientAddress,
    state,
    size: message.body?.size,
    recipients: rows.map((row) => recipientJson(row.recipient)),
  };
}

/** The cells of `queue list`. */
export function listingRow({ message, recipient }: QueueRow): readonly string[] {
  return [
    message.id,
    printTime(message.receivedAt),
    message.sender === '' ? '<>' : message.sender,
    recipient.address,
    recipient.state,
    recipient.method ?? '',
    String(recipient.attempts),
    printTime(recipient.nextAttemptAt ?? recipient.expiresAt),
    throttleWords(recipient) ?? recipient.lastReason ?? recipient.decision?.holdReason ?? '',
  ];
}

/** The story so far in plain words. */
export function showMessage(message: StoredMessage, rows: readonly QueueRow[]): void {
  const lines = [
    `${message.id}  ${message.origin}, received ${printTime(message.receivedAt)} from ${message.sender === '' ? '<>' : message.sender} (${message.identity})`,
    `Message-ID ${message.headerMessageId}`,
  ];
  for (const { recipient } of rows) {
    lines.push('', `${recipient.address}: ${recipient.state}`);
    if (recipient.method !== undefined)
      lines.push(`  method ${recipient.method}, attempts ${recipient.attempts}`);
    if (recipient.nextAttemptAt !== undefined)
      lines.push(`  next attempt ${printTime(recipient.nextAttemptAt)}`);
    const waits = throttleWords(recipient);
    if (waits !== undefined) lines.push(`  ${waits}`);
    if (recipient.expiresAt !== undefined) lines.push(`  given up ${printTime(recipient.expiresAt)}`);
    if (recipient.lastReason !== undefined)
      lines.push(`  last: ${recipient.lastStatus ?? ''} ${recipient.lastReason}`);
    const { decision } = recipient;
    if (decision === undefined) continue;
    if (decision.demand.release !== undefined) lines.push('  release: by two operators');
    if (decision.holdReason !== undefined) lines.push(`  held because: ${decision.holdReason}`);
    for (const rule of decision.rules) {
      const evidence = rule.evidence.length === 0 ? '' : ` (${rule.evidence.join(', ')})`;
      lines.push(`  rule ${rule.rule} at ${rule.at}: ${rule.demands.join(', ')}${evidence}`);
    }
    for (const one of decision.considered) lines.push(`  ${one.method}: ${consideredWords(one)}`);
  }
  for (const line of lines) printLine(printable(line));
}

/** That nothing failed: it waits for a throttle. */
function throttleWords({ state, throttledSince, throttledBy }: StoredRecipient): string | undefined {
  if (state !== 'pending' || throttledSince === undefined) return undefined;
  return `waits since ${printTime(throttledSince)} for the throttle of ${throttledBy ?? '?'}`;
}

/** A method that only waits for a person is not refused, though it is not used either. */
function consideredWords({ verdict, reason }: ConsideredMethod): string {
  const waiting = /^possible, but (.*)$/.exec(reason);
  return verdict === 'refused' && waiting !== null
    ? `would be possible, but ${waiting[1]}`
    : `${verdict}, ${reason}`;
}

function recipientJson(recipient: StoredRecipient): { readonly [key: string]: Json | undefined } {
  const { decision } = recipient;
  return {
    recipient: recipient.address,
    state: recipient.state,
    method: recipient.method,
    attempts: recipient.attempts,
    nextAttemptAt: recipient.nextAttemptAt,
    expiresAt: recipient.expiresAt,
    lastStatus: recipient.lastStatus,
    lastReason: recipient.lastReason,
    throttledSince: recipient.throttledSince,
    throttledBy: recipient.throttledBy,
    decision:
      decision === undefined
        ? undefined
        : {
            disposition: decision.demand.disposition,
            release: decision.demand.release,
            methods: decision.demand.methods,
            order: decision.order,
            protected: decision.protected,
            holdReason: decision.holdReason,
            rules: decision.rules.map(({ rule, at, outcome, demands, evidence }) => ({
              rule,
              at,
              outcome,
              demands,
              evidence,
            })),
            considered: decision.considered.map(({ method, verdict, reason }) => ({
              method,
              verdict,
              reason,
            })),
            policyHash: decision.policyHash,
          },
  };
}
