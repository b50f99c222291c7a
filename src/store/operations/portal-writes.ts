import type { PortalCode, PortalItem } from '../../model/portal-item.js';
import { ChangeRefused } from '../errors.js';
import type { NewMessage, PortalStore, QueueChange } from '../ports.js';
import type { RelayDb, SqlValue } from '../relay-db.js';
import { keepItem } from './legal-holds.js';
import { insertMessage } from './queue-writes.js';

/** A change that names no states is for all of these. */
const OPEN_STATES = ['waiting', 'picked-up'] as const;
const IS_OPEN = `state IN (${OPEN_STATES.map((state) => `'${state}'`).join(', ')})`;
/** With the mail's ID; NULL: any will do, as where the item doesn't know its notice. */
const TOLD_BY = 'coalesce(notice_id = ?, 1)';

export function insertItem(db: RelayDb, item: PortalItem): void {
  const { body } = item;
  db.run(
    `INSERT INTO portal_items (id, message_id, recipient_idx, recipient, sender, link_hash, created_at, expires_at,
       state, first_read_at, strength, passphrase_hash, passphrase_tries, own_content, receipt, language, reminders,
       next_reminder_at, notice_id)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
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
    item.strength,
    item.passphraseHash ?? null,
    item.passphraseTries,
    body === undefined ? 0 : 1,
    item.receipt,
    item.language,
    item.reminders,
    item.nextReminderAt ?? null,
    item.noticeId ?? null,
  );
  if (body === undefined) return;
  db.run(
    'INSERT INTO portal_bodies (item_id, wrapped_key, size, inline_bytes, file_name) VALUES (?, ?, ?, ?, ?)',
    item.id,
    body.wrappedKey,
    body.size,
    body.content.kind === 'inline' ? body.content.bytes : null,
    body.content.kind === 'file' ? body.content.name : null,
  );
}

type ItemChange = NonNullable<QueueChange['changePortalItems']>[number];

/** Moves an open item on; a closed one stays closed, one that was picked up doesn't wait again. */
export function changeItem(db: RelayDb, change: ItemChange): void {
  db.run(
    `UPDATE portal_items SET state = ?, first_read_at = coalesce(first_read_at, ?),
       receipt = coalesce(?, receipt), expires_at = min(expires_at, coalesce(?, expires_at))
     WHERE id = ? AND ${IS_OPEN} AND NOT (state = 'picked-up' AND ? = 'waiting')
       AND state IN (SELECT value FROM json_each(?)) AND expires_at <= coalesce(?, expires_at)
       AND ${TOLD_BY}`,
    change.state,
    change.firstReadAt ?? null,
    change.receipt ?? null,
    change.expiresAt ?? null,
    change.id,
    change.state,
    JSON.stringify(change.from ?? OPEN_STATES),
    change.overAt ?? null,
    change.toldBy ?? null,
  );
}

/** Whether an item is open and as a change of it asks for: in its state, its time over, its notice the one named. */
export function isAsAsked(db: RelayDb, { id, from, overAt, toldBy }: ItemChange): boolean {
  const row = db.get(
    `SELECT 1 FROM portal_items
     WHERE id = ? AND ${IS_OPEN} AND expires_at <= coalesce(?, expires_at) AND state IN (SELECT value FROM json_each(?))
       AND ${TOLD_BY}`,
    id,
    overAt ?? null,
    JSON.stringify(from ?? OPEN_STATES),
    toldBy ?? null,
  );
  return row !== undefined;
}

type ItemSet = Parameters<PortalStore['changeItem']>[1];

/** False, with nothing done, when the item is closed, or in another state. */
export function setItem(
  db: RelayDb,
  input: {
    readonly id: string;
    readonly set: ItemSet;
    readonly mail: readonly NewMessage[];
    readonly from: readonly ('waiting' | 'picked-up')[];
  },
): boolean {
  const { set } = input;
  const values: readonly (readonly [string, SqlValue])[] = [
    ...(set.expiresAt === undefined ? [] : [['expires_at', set.expiresAt] as const]),
    ...(set.linkHash === undefined ? [] : [['link_hash', set.linkHash] as const]),
    ...(set.noticeId === undefined ? [] : [['notice_id', set.noticeId] as const]),
    ...(set.passphraseHash === undefined ? [] : [['passphrase_hash', set.passphraseHash] as const]),
    ...(set.passphraseTries === undefined ? [] : [['passphrase_tries', set.passphraseTries] as const]),
    ...(set.receipt === undefined ? [] : [['receipt', set.receipt] as const]),
    ...(set.language === undefined ? [] : [['language', set.language] as const]),
    ...(set.reminders === undefined ? [] : [['reminders', set.reminders] as const]),
    ...(set.nextReminderAt === undefined ? [] : [['next_reminder_at', set.nextReminderAt] as const]),
  ];
  const there = db.get(
    'SELECT 1 FROM portal_items WHERE id = ? AND state IN (SELECT value FROM json_each(?))',
    input.id,
    JSON.stringify(input.from),
  );
  if (there === undefined) return false;
  if (values.length > 0) {
    const columns = values.map(([column]) => `${column} = ?`).join(', ');
    db.run(`UPDATE portal_items SET ${columns} WHERE id = ?`, ...values.map(([, value]) => value), input.id);
  }
  // What was proved with a passphrase that is replaced counts no more.
  if (set.passphraseHash !== undefined)
    db.run(
      `DELETE FROM portal_sessions WHERE recipient = (SELECT recipient_folded FROM portal_items WHERE id = ?)
         AND EXISTS (SELECT 1 FROM json_each(passphrase_items) WHERE value = ?)`,
      input.id,
      input.id,
    );
  for (const mail of input.mail) insertMessage(db, mail);
  return true;
}

/** Gives the tries failed so far. */
export function failPassphrase(db: RelayDb, id: string): number {
  const row = db.get<{ readonly passphrase_tries: number }>(
    'UPDATE portal_items SET passphrase_tries = passphrase_tries + 1 WHERE id = ? RETURNING passphrase_tries',
    id,
  );
  return row?.passphrase_tries ?? 0;
}

/** Gives the names of the files that held the content. */
export function destroyItemContent(db: RelayDb, id: string): readonly string[] | false {
  if (isOpen(db, id)) throw new ChangeRefused('the portal item is open');
  if (keepItem(db, id)) return false;
  const gone = db.all<{ readonly file_name: string | null }>(
    'DELETE FROM portal_bodies WHERE item_id = ? RETURNING file_name',
    id,
  );
  // RETURNING gives the row as it is afterwards.
  const copies = db.all<{ readonly file_name: string | null }>(
    'SELECT file_name FROM portal_replies WHERE item_id = ?',
    id,
  );
  db.run(
    'UPDATE portal_replies SET wrapped_key = NULL, size = NULL, inline_bytes = NULL, file_name = NULL WHERE item_id = ?',
    id,
  );
  db.run('DELETE FROM portal_content_over WHERE item_id = ?', id);
  return [...gone, ...copies].flatMap(({ file_name }) => file_name ?? []);
}

export function putCode(
  db: RelayDb,
  input: { readonly code: PortalCode; readonly mail: NewMessage | undefined },
): null {
  const { code } = input;
  if (!isOpen(db, code.itemId)) throw new ChangeRefused('the portal item is closed');
  db.run(
    `INSERT INTO portal_codes (item_id, code_hash, created_at, expires_at, failed_tries, way) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (item_id) DO UPDATE SET code_hash = excluded.code_hash, created_at = excluded.created_at,
       expires_at = excluded.expires_at, failed_tries = excluded.failed_tries, way = excluded.way`,
    code.itemId,
    code.codeHash,
    code.createdAt,
    code.expiresAt,
    code.failedTries,
    code.way,
  );
  db.run('INSERT INTO portal_codes_issued (item_id, at) VALUES (?, ?)', code.itemId, code.createdAt);
  return input.mail === undefined ? null : insertMessage(db, input.mail);
}

/** Gives the tries failed so far; 0 when there is no code any more. */
export function failCode(db: RelayDb, itemId: string): number {
  const row = db.get<{ readonly failed_tries: number }>(
    'UPDATE portal_codes SET failed_tries = failed_tries + 1 WHERE item_id = ? RETURNING failed_tries',
    itemId,
  );
  return row?.failed_tries ?? 0;
}

export function isOpen(db: RelayDb, itemId: string): boolean {
  return db.get(`SELECT 1 FROM portal_items WHERE id = ? AND ${IS_OPEN}`, itemId) !== undefined;
}
