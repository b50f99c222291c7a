import type { RecipientKey, RewrittenBody } from '../../model/message.js';
import { DEFAULT_STREAM } from '../../model/stream.js';
import { ChangeRefused } from '../errors.js';
import type { NewMessage, NewRecipient } from '../ports.js';
import type { RelayDb } from '../relay-db.js';
import { keepMessage } from './legal-holds.js';

export function insertMessage(db: RelayDb, input: NewMessage): null {
  const { message } = input;
  if (input.recipients.length === 0) throw new ChangeRefused('a message without recipients');
  const queued = input.recipients.every((one) => one.queued !== undefined);
  db.run(
    `INSERT INTO messages (id, origin, received_at, identity, sender, header_message_id, smtp_utf8, eight_bit_mime,
       dsn_ret, dsn_envid, listener, client_address, client_tls, state, about_message, about_portal_item, inspect_attempts)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    message.id,
    message.origin,
    message.receivedAt,
    message.identity,
    message.sender,
    message.headerMessageId,
    message.smtpUtf8 ? 1 : 0,
    message.eightBitMime ? 1 : 0,
    message.dsn.ret ?? null,
    message.dsn.envid ?? null,
    message.listener,
    message.clientAddress,
    message.clientTls === undefined ? null : JSON.stringify(message.clientTls),
    queued ? 'decided' : 'received',
    message.aboutMessage ?? null,
    message.aboutPortalItem ?? null,
    message.inspectAttempts ?? 0,
  );
  if (message.authors !== undefined)
    db.run('UPDATE messages SET authors = ? WHERE id = ?', JSON.stringify(message.authors), message.id);
  // Its recipients are put into the same stream by a trigger.
  if (message.stream !== undefined && message.stream !== DEFAULT_STREAM)
    db.run('UPDATE messages SET stream = ? WHERE id = ?', message.stream, message.id);
  input.recipients.forEach((recipient, index) => {
    insertRecipient(db, { messageId: message.id, index }, message.receivedAt, recipient);
  });
  const { content } = message.body;
  db.run(
    'INSERT INTO bodies (message_id, wrapped_key, size, inline_bytes, file_name) VALUES (?, ?, ?, ?, ?)',
    message.id,
    message.body.wrappedKey,
    message.body.size,
    content.kind === 'inline' ? content.bytes : null,
    content.kind === 'file' ? content.name : null,
  );
  return null;
}

function insertRecipient(db: RelayDb, key: RecipientKey, receivedAt: number, recipient: NewRecipient): void {
  const { queued } = recipient;
  db.run(
    `INSERT INTO recipients (message_id, idx, received_at, address, domain, notify, orcpt, state, decision, method,
       next_attempt_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    key.messageId,
    key.index,
    receivedAt,
    recipient.address,
    recipient.domain,
    recipient.notify === undefined ? null : JSON.stringify(recipient.notify),
    recipient.orcpt ?? null,
    queued === undefined ? 'received' : 'pending',
    queued === undefined ? null : JSON.stringify(queued.decision),
    queued?.method ?? null,
    queued?.nextAttemptAt ?? null,
    queued?.expiresAt ?? null,
  );
}

export function beginInspection(db: RelayDb, id: string): number {
  const row = db.get<{ readonly inspect_attempts: number }>(
    "UPDATE messages SET inspect_attempts = inspect_attempts + 1 WHERE id = ? AND state = 'received' RETURNING inspect_attempts",
    id,
  );
  if (row === undefined) throw new ChangeRefused('the message is not waiting for inspection');
  return row.inspect_attempts;
}

export function beginAttempt(
  db: RelayDb,
  input: { readonly keys: readonly RecipientKey[]; readonly nextAttemptAt: number },
): readonly RecipientKey[] {
  return input.keys.filter(
    (key) =>
      db.run(
        `UPDATE recipients SET attempts = attempts + 1, next_attempt_at = ?
         WHERE message_id = ? AND idx = ? AND state = 'pending'`,
        input.nextAttemptAt,
        key.messageId,
        key.index,
      ) === 1,
  );
}

/** Keeps a rewritten copy of a message, as long as its content exists. */
export function insertRewritten(db: RelayDb, messageId: string, { copy, body }: RewrittenBody): void {
  const { content } = body;
  db.run(
    `INSERT INTO rewritten_bodies (message_id, copy, wrapped_key, size, inline_bytes, file_name)
     SELECT message_id, ?, ?, ?, ?, ? FROM bodies WHERE message_id = ?`,
    copy,
    body.wrappedKey,
    body.size,
    content.kind === 'inline' ? content.bytes : null,
    content.kind === 'file' ? content.name : null,
    messageId,
  );
}

/** Gives the names of the files that held the content and its rewritten copies. */
/** False, with nothing destroyed, where a legal hold covers the message. */
export function destroyContent(db: RelayDb, messageId: string): readonly string[] | false {
  const row = db.get<{ readonly unfinished: number; readonly file_name: string | null }>(
    'SELECT unfinished, file_name FROM messages JOIN bodies ON message_id = id WHERE id = ?',
    messageId,
  );
  if (row === undefined) return [];
  if (row.unfinished > 0) throw new ChangeRefused('a recipient or portal item still needs the content');
  if (keepMessage(db, messageId)) return false;
  const copies = db.all<{ readonly file_name: string | null }>(
    'SELECT file_name FROM rewritten_bodies WHERE message_id = ?',
    messageId,
  );
  db.run('DELETE FROM bodies WHERE message_id = ?', messageId);
  return [row, ...copies].flatMap(({ file_name }) => file_name ?? []);
}
