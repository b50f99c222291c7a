import type { PortalCode, PortalItem, PortalSession } from '../../model/portal-item.js';
import type { RelayDb } from '../relay-db.js';
import {
  type PortalCodeRow,
  type PortalItemRow,
  type PortalSessionRow,
  portalCodeOf,
  portalItemOf,
  portalSessionOf,
} from '../rows.js';

export function item(db: RelayDb, id: string): PortalItem | undefined {
  const row = db.get<PortalItemRow>('SELECT * FROM portal_items WHERE id = ?', id);
  return row === undefined ? undefined : portalItemOf(row);
}

export function itemByLink(db: RelayDb, linkHash: Uint8Array): PortalItem | undefined {
  const row = db.get<PortalItemRow>('SELECT * FROM portal_items WHERE link_hash = ?', linkHash);
  return row === undefined ? undefined : portalItemOf(row);
}

/** Newest first. */
export function items(
  db: RelayDb,
  filter: { readonly messageId?: string; readonly recipient?: string; readonly limit: number },
): readonly PortalItem[] {
  const wanted = [
    ...(filter.messageId === undefined ? [] : [{ column: 'message_id', value: filter.messageId }]),
    ...(filter.recipient === undefined ? [] : [{ column: 'recipient', value: filter.recipient }]),
  ];
  const where =
    wanted.length === 0 ? '' : `WHERE ${wanted.map(({ column }) => `${column} = ?`).join(' AND ')}`;
  return db
    .all<PortalItemRow>(
      `SELECT * FROM portal_items ${where} ORDER BY created_at DESC, id DESC LIMIT ?`,
      ...wanted.map(({ value }) => value),
      filter.limit,
    )
    .map(portalItemOf);
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
    .map(portalItemOf);
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

/** A session that has not expired; those of a closed item are gone with it. */
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
