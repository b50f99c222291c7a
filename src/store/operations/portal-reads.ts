import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';
import {
  type PortalAccountRow,
  type PortalCodeRow,
  type PortalDeviceRow,
  type PortalItemRow,
  type PortalPasskeyRow,
  type PortalReplyRow,
  type PortalSessionRow,
  portalAccountOf,
  portalCodeOf,
  portalDeviceOf,
  portalItemOf,
  portalPasskeyOf,
  portalReplyOf,
  portalSessionOf,
} from '../portal-rows.js';
import type { RelayDb } from '../relay-db.js';
import type { BodyRow } from '../rows.js';

const NO_BYTES = new Uint8Array();

export function item(db: RelayDb, id: string): PortalItem | undefined {
  return whole(db, db.get<PortalItemRow>('SELECT * FROM portal_items WHERE id = ?', id));
}

export function itemByLink(db: RelayDb, linkHash: Uint8Array): PortalItem | undefined {
  return whole(db, db.get<PortalItemRow>('SELECT * FROM portal_items WHERE link_hash = ?', linkHash));
}

function whole(db: RelayDb, row: PortalItemRow | undefined): PortalItem | undefined {
  if (row === undefined) return undefined;
  return portalItemOf(row, db.get<BodyRow>('SELECT * FROM portal_bodies WHERE item_id = ?', row.id));
}

/** An item for a list: of content that stands in the row, only its size. */
function listed(db: RelayDb, row: PortalItemRow): PortalItem {
  const body = db.get<Omit<BodyRow, 'inline_bytes'>>(
    'SELECT wrapped_key, size, file_name FROM portal_bodies WHERE item_id = ?',
    row.id,
  );
  return portalItemOf(
    row,
    body === undefined ? undefined : { ...body, inline_bytes: body.file_name === null ? NO_BYTES : null },
  );
}

/** Newest first. */
export function items(
  db: RelayDb,
  filter: {
    readonly messageId?: string;
    readonly recipient?: string;
    readonly sender?: string;
    readonly states?: readonly PortalItem['state'][];
    readonly limit: number;
  },
): readonly PortalItem[] {
  const wanted = [
    ...(filter.messageId === undefined ? [] : [{ test: 'message_id = ?', value: filter.messageId }]),
    ...(filter.recipient === undefined
      ? []
      : [{ test: 'recipient_folded = ?', value: foldAddress(filter.recipient) }]),
    ...(filter.sender === undefined ? [] : [{ test: 'sender = ?', value: filter.sender }]),
    ...(filter.states === undefined
      ? []
      : [{ test: 'state IN (SELECT value FROM json_each(?))', value: JSON.stringify(filter.states) }]),
  ];
  const where = wanted.length === 0 ? '' : `WHERE ${wanted.map(({ test }) => test).join(' AND ')}`;
  return db
    .all<PortalItemRow>(
      `SELECT * FROM portal_items ${where} ORDER BY created_at DESC, id DESC LIMIT ?`,
      ...wanted.map(({ value }) => value),
      filter.limit,
    )
    .map((row) => listed(db, row));
}

export function expiredItems(
  db: RelayDb,
  filter: { readonly now: number; readonly limit: number },
): readonly PortalItem[] {
  return db
    .all<PortalItemRow>(
      `SELECT * FROM portal_items INDEXED BY portal_items_open WHERE state IN ('waiting', 'picked-up') AND expires_at <= ?
       ORDER BY expires_at, id LIMIT ?`,
      filter.now,
      filter.limit,
    )
    .map((row) => listed(db, row));
}

export function itemsToRemind(
  db: RelayDb,
  filter: { readonly now: number; readonly limit: number },
): readonly PortalItem[] {
  return db
    .all<PortalItemRow>(
      `SELECT * FROM portal_items INDEXED BY portal_items_remind
       WHERE state = 'waiting' AND next_reminder_at IS NOT NULL AND next_reminder_at <= ?
       ORDER BY next_reminder_at, id LIMIT ?`,
      filter.now,
      filter.limit,
    )
    .map((row) => listed(db, row));
}

export function portalUsage(
  db: RelayDb,
  recipient: string,
): { readonly items: number; readonly bytes: number } {
  const row = db.get<{ readonly items: number; readonly bytes: number | null }>(
    `SELECT count(*) AS items, sum(size) AS bytes FROM portal_items LEFT JOIN portal_bodies ON item_id = id
     WHERE recipient_folded = ? AND state IN ('waiting', 'picked-up')`,
    foldAddress(recipient),
  );
  return { items: row?.items ?? 0, bytes: row?.bytes ?? 0 };
}

export function closedItemsWithContent(
  db: RelayDb,
  limit: number,
): readonly { readonly id: string; readonly messageId: string; readonly recipient: string }[] {
  return db
    .all<Pick<PortalItemRow, 'id' | 'message_id' | 'recipient'>>(
      `SELECT id, message_id, recipient FROM portal_content_over INDEXED BY portal_content_to_destroy
       JOIN portal_items ON id = item_id WHERE kept = 0 LIMIT ?`,
      limit,
    )
    .map((row) => ({ id: row.id, messageId: row.message_id, recipient: row.recipient }));
}

export function code(db: RelayDb, itemId: string): PortalCode | undefined {
  const row = db.get<PortalCodeRow>('SELECT * FROM portal_codes WHERE item_id = ?', itemId);
  return row === undefined ? undefined : portalCodeOf(row);
}

export function codesIssuedSince(
  db: RelayDb,
  input: { readonly itemId: string; readonly since: number },
): number {
  const row = db.get<{ readonly n: number }>(
    'SELECT count(*) AS n FROM portal_codes_issued WHERE item_id = ? AND at >= ?',
    input.itemId,
    input.since,
  );
  return row?.n ?? 0;
}

export function codesIssuedToSince(
  db: RelayDb,
  input: { readonly recipient: string; readonly since: number },
): number {
  const row = db.get<{ readonly n: number }>(
    `SELECT count(*) AS n FROM portal_items JOIN portal_codes_issued ON item_id = id
     WHERE recipient_folded = ? AND at >= ?`,
    foldAddress(input.recipient),
    input.since,
  );
  return row?.n ?? 0;
}

/** A session that has not expired. */
export function session(
  db: RelayDb,
  input: { readonly tokenHash: Uint8Array; readonly now: number },
): PortalSession | undefined {
  const row = db.get<PortalSessionRow>(
    'SELECT * FROM portal_sessions WHERE token_hash = ? AND expires_at > ?',
    input.tokenHash,
    input.now,
  );
  return row === undefined ? undefined : portalSessionOf(row);
}

export function portalAccount(db: RelayDb, recipient: string): PortalAccount | undefined {
  const row = db.get<PortalAccountRow>(
    'SELECT * FROM portal_accounts WHERE recipient = ?',
    foldAddress(recipient),
  );
  return row === undefined ? undefined : portalAccountOf(row);
}

export function passkeys(db: RelayDb, recipient: string): readonly PortalPasskey[] {
  return db
    .all<PortalPasskeyRow>(
      'SELECT * FROM portal_passkeys WHERE recipient = ? ORDER BY created_at',
      foldAddress(recipient),
    )
    .map(portalPasskeyOf);
}

export function passkey(db: RelayDb, credentialId: Uint8Array): PortalPasskey | undefined {
  const row = db.get<PortalPasskeyRow>('SELECT * FROM portal_passkeys WHERE credential_id = ?', credentialId);
  return row === undefined ? undefined : portalPasskeyOf(row);
}

export function device(
  db: RelayDb,
  input: { readonly tokenHash: Uint8Array; readonly now: number },
): PortalDevice | undefined {
  const row = db.get<PortalDeviceRow>(
    'SELECT * FROM portal_devices WHERE token_hash = ? AND expires_at > ?',
    input.tokenHash,
    input.now,
  );
  return row === undefined ? undefined : portalDeviceOf(row);
}

/** Those that have not expired, newest first. */
export function devices(
  db: RelayDb,
  input: { readonly recipient: string; readonly now: number; readonly limit: number },
): readonly PortalDevice[] {
  return db
    .all<PortalDeviceRow>(
      `SELECT * FROM portal_devices WHERE recipient = ? AND expires_at > ?
       ORDER BY created_at DESC, token_hash LIMIT ?`,
      foldAddress(input.recipient),
      input.now,
      input.limit,
    )
    .map(portalDeviceOf);
}

/** The address as the first message to it was addressed. */
export function writtenAddress(db: RelayDb, recipient: string): string | undefined {
  return db.get<{ readonly recipient: string }>(
    'SELECT recipient FROM portal_items WHERE recipient_folded = ? ORDER BY created_at, id LIMIT 1',
    foldAddress(recipient),
  )?.recipient;
}

export function replies(
  db: RelayDb,
  input: { readonly recipient: string; readonly limit: number },
): readonly PortalReply[] {
  return db
    .all<Omit<PortalReplyRow, 'inline_bytes'>>(
      `SELECT id, item_id, recipient, message_id, created_at, iif(deleted_at IS NULL, wrapped_key, NULL) AS wrapped_key,
         size, file_name FROM portal_replies
       WHERE recipient = ? ORDER BY created_at DESC, id DESC LIMIT ?`,
      foldAddress(input.recipient),
      input.limit,
    )
    .map((row) =>
      portalReplyOf({
        ...row,
        inline_bytes: row.wrapped_key === null || row.file_name !== null ? null : NO_BYTES,
      }),
    );
}

export function reply(db: RelayDb, id: string): PortalReply | undefined {
  const row = db.get<PortalReplyRow & { readonly deleted_at: number | null }>(
    'SELECT * FROM portal_replies WHERE id = ?',
    id,
  );
  if (row === undefined) return undefined;
  // Deleted by its writer, and kept for a legal hold alone.
  return portalReplyOf(row.deleted_at === null ? row : { ...row, wrapped_key: null });
}
