import type { Account } from '../model/account.js';
import type {
  DsnOptions,
  MessageOrigin,
  RecipientState,
  SealedBody,
  StoredMessage,
  StoredRecipient,
} from '../model/message.js';
import type { Method } from '../model/method.js';
import { DEFAULT_STREAM } from '../model/stream.js';

/*
 * Rows as SQLite gives them, and what they mean. The states and names in them are held to their sets by CHECK
 * constraints; JSON columns were written by us.
 */

export interface MessageRow {
  readonly id: string;
  readonly origin: MessageOrigin;
  readonly received_at: number;
  readonly identity: string;
  readonly sender: string;
  readonly authors: string | null;
  readonly header_message_id: string;
  readonly smtp_utf8: number;
  readonly eight_bit_mime: number;
  readonly dsn_ret: 'FULL' | 'HDRS' | null;
  readonly dsn_envid: string | null;
  readonly listener: string;
  readonly client_address: string;
  readonly client_tls: string | null;
  readonly state: 'received' | 'decided';
  readonly inspect_attempts: number;
  readonly subject_showable: number;
  readonly about_message: string | null;
  readonly about_portal_item: string | null;
  readonly stream: string;
}

export interface BodyRow {
  readonly wrapped_key: Uint8Array;
  readonly size: number;
  readonly inline_bytes: Uint8Array | null;
  readonly file_name: string | null;
}

export interface RewrittenRow extends BodyRow {
  readonly copy: string;
}

export function messageOf(
  row: MessageRow,
  body: BodyRow | undefined,
  rewritten: readonly RewrittenRow[] = [],
): StoredMessage {
  return {
    id: row.id,
    origin: row.origin,
    receivedAt: row.received_at,
    identity: row.identity,
    sender: row.sender,
    ...(row.authors === null ? {} : { authors: JSON.parse(row.authors) }),
    headerMessageId: row.header_message_id,
    smtpUtf8: row.smtp_utf8 === 1,
    eightBitMime: row.eight_bit_mime === 1,
    dsn: dsnOf(row),
    listener: row.listener,
    clientAddress: row.client_address,
    ...(row.client_tls === null ? {} : { clientTls: JSON.parse(row.client_tls) }),
    state: row.state,
    inspectAttempts: row.inspect_attempts,
    subjectShowable: row.subject_showable === 1,
    ...(row.about_message === null ? {} : { aboutMessage: row.about_message }),
    ...(row.about_portal_item === null ? {} : { aboutPortalItem: row.about_portal_item }),
    ...(row.stream === DEFAULT_STREAM ? {} : { stream: row.stream }),
    ...(body === undefined ? {} : { body: bodyOf(body) }),
    ...(rewritten.length === 0
      ? {}
      : { rewritten: rewritten.map((one) => ({ copy: one.copy, body: bodyOf(one) })) }),
  };
}

function dsnOf(row: MessageRow): DsnOptions {
  return {
    ...(row.dsn_ret === null ? {} : { ret: row.dsn_ret }),
    ...(row.dsn_envid === null ? {} : { envid: row.dsn_envid }),
  };
}

export function bodyOf(row: BodyRow): SealedBody {
  const { wrapped_key: wrappedKey, size } = row;
  if (row.inline_bytes !== null)
    return { wrappedKey, size, content: { kind: 'inline', bytes: row.inline_bytes } };
  if (row.file_name !== null) return { wrappedKey, size, content: { kind: 'file', name: row.file_name } };
  throw new Error('a body row has neither bytes nor a file');
}

export interface RecipientRow {
  readonly message_id: string;
  readonly idx: number;
  readonly address: string;
  readonly domain: string;
  readonly notify: string | null;
  readonly orcpt: string | null;
  readonly state: RecipientState;
  readonly decision: string | null;
  readonly method: Method | null;
  readonly attempts: number;
  readonly next_attempt_at: number | null;
  readonly expires_at: number | null;
  readonly tls_failing_since: number | null;
  readonly delay_warned_at: number | null;
  readonly last_status: string | null;
  readonly last_reason: string | null;
  readonly stream: string;
  readonly throttled_since: number | null;
  readonly throttled_by: string | null;
  readonly throttled_ms: number;
}

export function recipientOf(row: RecipientRow): StoredRecipient {
  return {
    messageId: row.message_id,
    index: row.idx,
    address: row.address,
    domain: row.domain,
    ...(row.notify === null ? {} : { notify: JSON.parse(row.notify) }),
    ...(row.orcpt === null ? {} : { orcpt: row.orcpt }),
    state: row.state,
    ...(row.decision === null ? {} : { decision: JSON.parse(row.decision) }),
    ...(row.method === null ? {} : { method: row.method }),
    attempts: row.attempts,
    ...(row.next_attempt_at === null ? {} : { nextAttemptAt: row.next_attempt_at }),
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
    ...(row.tls_failing_since === null ? {} : { tlsFailingSince: row.tls_failing_since }),
    ...(row.delay_warned_at === null ? {} : { delayWarnedAt: row.delay_warned_at }),
    ...(row.last_status === null ? {} : { lastStatus: row.last_status }),
    ...(row.last_reason === null ? {} : { lastReason: row.last_reason }),
    ...(row.stream === DEFAULT_STREAM ? {} : { stream: row.stream }),
    ...(row.throttled_since === null ? {} : { throttledSince: row.throttled_since }),
    ...(row.throttled_by === null ? {} : { throttledBy: row.throttled_by }),
    ...(row.throttled_ms === 0 ? {} : { throttledMs: row.throttled_ms }),
  };
}

export interface AccountRow {
  readonly name: string;
  readonly password_hash: string;
  readonly senders: string;
  readonly allow: string | null;
  readonly disabled: number;
  readonly created_at: number;
  readonly changed_at: number;
}

export function accountOf(row: AccountRow): Account {
  return {
    name: row.name,
    passwordHash: row.password_hash,
    senders: JSON.parse(row.senders),
    ...(row.allow === null ? {} : { allow: JSON.parse(row.allow) }),
    disabled: row.disabled === 1,
    createdAt: row.created_at,
    changedAt: row.changed_at,
  };
}
