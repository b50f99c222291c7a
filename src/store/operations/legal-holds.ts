import { coversMail, type LegalHold } from '../../model/legal-hold.js';
import type { RelayDb } from '../relay-db.js';

interface HoldRow {
  readonly name: string;
  readonly reason: string;
  readonly actor: string;
  readonly created_at: number;
  readonly since: number | null;
  readonly until: number | null;
  readonly address: string | null;
}

/** By name. */
export function legalHolds(db: RelayDb, _: null): readonly LegalHold[] {
  return db.all<HoldRow>('SELECT * FROM legal_holds ORDER BY name').map((row) => ({
    name: row.name,
    reason: row.reason,
    actor: row.actor,
    createdAt: row.created_at,
    ...(row.since === null ? {} : { since: row.since }),
    ...(row.until === null ? {} : { until: row.until }),
    ...(row.address === null ? {} : { address: row.address }),
  }));
}

/** False, with nothing done, when there is one of that name. */
export function addLegalHold(db: RelayDb, hold: LegalHold): boolean {
  return (
    db.run(
      `INSERT INTO legal_holds (name, reason, actor, created_at, since, until, address) VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (name) DO NOTHING`,
      hold.name,
      hold.reason,
      hold.actor,
      hold.createdAt,
      hold.since ?? null,
      hold.until ?? null,
      hold.address ?? null,
    ) === 1
  );
}

/**
 * Removes a hold. What no other one covers may be destroyed again: copies of replies that their writer deleted at once,
 * the rest by the next sweep. Gives the names of the files that held those; false, with nothing done, when there is no
 * such hold.
 */
export function removeLegalHold(db: RelayDb, name: string): readonly string[] | false {
  if (db.run('DELETE FROM legal_holds WHERE name = ?', name) === 0) return false;
  db.run('UPDATE messages SET has_content = 1 WHERE has_content = 2');
  db.run('UPDATE portal_content_over SET kept = 0 WHERE kept = 1');
  return db
    .all<ReplyRow>(`${REPLY} WHERE r.deleted_at IS NOT NULL AND r.wrapped_key IS NOT NULL`)
    .filter((row) => !isCovered(db, [row.created_at, row.item_created_at], [row.recipient, row.sender]))
    .flatMap((row) => {
      eraseReplyCopy(db, row.id);
      return row.file_name ?? [];
    });
}

interface ReplyRow {
  readonly id: string;
  readonly created_at: number;
  readonly item_created_at: number;
  readonly recipient: string;
  readonly sender: string;
  readonly file_name: string | null;
}

const REPLY = `SELECT r.id, r.created_at, i.created_at AS item_created_at, r.recipient, i.sender, r.file_name
  FROM portal_replies r JOIN portal_items i ON i.id = r.item_id`;

/** Forgets the copy of a reply. */
export function eraseReplyCopy(db: RelayDb, id: string): void {
  db.run(
    'UPDATE portal_replies SET wrapped_key = NULL, size = NULL, inline_bytes = NULL, file_name = NULL WHERE id = ?',
    id,
  );
}

/** Whether a legal hold covers the copy of a reply; then it is only put out of its writer's sight. */
export function keepReplyCopy(db: RelayDb, id: string): boolean {
  const row = db.get<ReplyRow>(`${REPLY} WHERE r.id = ?`, id);
  if (row === undefined) return false;
  if (!isCovered(db, [row.created_at, row.item_created_at], [row.recipient, row.sender])) return false;
  db.run('UPDATE portal_replies SET deleted_at = max(created_at, 1) WHERE id = ?', id);
  return true;
}

/** Whether a legal hold covers the message; it is then left out of what is finished until a hold is removed. */
export function keepMessage(db: RelayDb, messageId: string): boolean {
  if (!hasHolds(db)) return false;
  const row = db.get<{ readonly received_at: number; readonly sender: string }>(
    'SELECT received_at, sender FROM messages WHERE id = ?',
    messageId,
  );
  if (row === undefined) return false;
  const addresses = [row.sender, ...recipientsOf(db, messageId)];
  if (!isCovered(db, [row.received_at], addresses)) return false;
  db.run('UPDATE messages SET has_content = 2 WHERE id = ?', messageId);
  return true;
}

/** Whether a legal hold covers a closed item, its message or a reply to it; then its content stays. */
export function keepItem(db: RelayDb, itemId: string): boolean {
  if (!hasHolds(db)) return false;
  const row = db.get<{
    readonly created_at: number;
    readonly received_at: number;
    readonly sender: string;
    readonly recipient: string;
  }>(
    `SELECT i.created_at, m.received_at, i.sender, i.recipient FROM portal_items i JOIN messages m ON m.id = i.message_id
     WHERE i.id = ?`,
    itemId,
  );
  if (row === undefined) return false;
  const replies = db.all<{ readonly created_at: number }>(
    'SELECT created_at FROM portal_replies WHERE item_id = ? AND wrapped_key IS NOT NULL',
    itemId,
  );
  const times = [row.created_at, row.received_at, ...replies.map((one) => one.created_at)];
  if (!isCovered(db, times, [row.sender, row.recipient])) return false;
  db.run('UPDATE portal_content_over SET kept = 1 WHERE item_id = ?', itemId);
  return true;
}

function recipientsOf(db: RelayDb, messageId: string): readonly string[] {
  return db
    .all<{ readonly address: string }>('SELECT address FROM recipients WHERE message_id = ?', messageId)
    .map(({ address }) => address);
}

function hasHolds(db: RelayDb): boolean {
  return db.get('SELECT 1 FROM legal_holds LIMIT 1') !== undefined;
}

function isCovered(db: RelayDb, times: readonly number[], addresses: readonly string[]): boolean {
  return legalHolds(db, null).some((hold) => times.some((at) => coversMail(hold, at, addresses)));
}
