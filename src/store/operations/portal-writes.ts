import type { PortalCode, PortalItem, PortalSession } from '../../model/portal-item.js';
import { ChangeRefused } from '../errors.js';
import type { NewMessage, QueueChange } from '../ports.js';
import type { RelayDb } from '../relay-db.js';
import { insertMessage } from './queue-writes.js';

const IS_OPEN = "state IN ('waiting', 'picked-up')";

export function insertItem(db: RelayDb, item: PortalItem): void {
  db.run(
    `INSERT INTO portal_items (id, message_id, recipient_idx, recipient, sender, link_hash, created_at, expires_at,
       state, first_read_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    item.id,
    item.messageId,
    item.recipientIndex,
    item.recipient,
    item.sender,
    item.linkHash,
    item.createdAt,
    item.expiresAt,
    item.state,
    item.firstReadAt ?? null,
  );
}

type ItemChange = NonNullable<QueueChange['changePortalItems']>[number];

/** Moves an open item on; a closed one stays closed, one that was picked up doesn't wait again. */
export function changeItem(db: RelayDb, change: ItemChange): void {
  db.run(
    `UPDATE portal_items SET state = ?, first_read_at = coalesce(first_read_at, ?)
     WHERE id = ? AND ${IS_OPEN} AND NOT (state = 'picked-up' AND ? = 'waiting')
       AND state IN (SELECT value FROM json_each(?))`,
    change.state,
    change.firstReadAt ?? null,
    change.id,
    change.state,
    JSON.stringify(change.from ?? ['waiting', 'picked-up']),
  );
}

export function putCode(db: RelayDb, input: { readonly code: PortalCode; readonly mail: NewMessage }): null {
  const { code } = input;
  if (!isOpen(db, code.itemId)) throw new ChangeRefused('the portal item is closed');
  db.run(
    `INSERT INTO portal_codes (item_id, code_hash, created_at, expires_at, failed_tries) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (item_id) DO UPDATE SET code_hash = excluded.code_hash, created_at = excluded.created_at,
       expires_at = excluded.expires_at, failed_tries = excluded.failed_tries`,
    code.itemId,
    code.codeHash,
    code.createdAt,
    code.expiresAt,
    code.failedTries,
  );
  db.run('INSERT INTO portal_codes_issued (item_id, at) VALUES (?, ?)', code.itemId, code.createdAt);
  return insertMessage(db, input.mail);
}

/** Gives the tries failed so far; 0 when there is no code any more. */
export function failCode(db: RelayDb, itemId: string): number {
  const row = db.get<{ readonly failed_tries: number }>(
    'UPDATE portal_codes SET failed_tries = failed_tries + 1 WHERE item_id = ? RETURNING failed_tries',
    itemId,
  );
  return row?.failed_tries ?? 0;
}

/** False, with nothing done, when there is no valid code to use up or the item was closed. */
export function openSession(db: RelayDb, session: PortalSession): boolean {
  if (!isOpen(db, session.itemId)) return false;
  const used = db.run(
    'DELETE FROM portal_codes WHERE item_id = ? AND expires_at > ?',
    session.itemId,
    session.createdAt,
  );
  if (used === 0) return false;
  db.run('DELETE FROM portal_sessions WHERE expires_at <= ?', session.createdAt);
  db.run(
    'INSERT INTO portal_sessions (token_hash, item_id, created_at, expires_at) VALUES (?, ?, ?, ?)',
    session.tokenHash,
    session.itemId,
    session.createdAt,
    session.expiresAt,
  );
  return true;
}

export function closeSession(db: RelayDb, tokenHash: Uint8Array): null {
  db.run('DELETE FROM portal_sessions WHERE token_hash = ?', tokenHash);
  return null;
}

function isOpen(db: RelayDb, itemId: string): boolean {
  return db.get(`SELECT 1 FROM portal_items WHERE id = ? AND ${IS_OPEN}`, itemId) !== undefined;
}
