import type { OwnKey, OwnKeyKind, StoredKey } from '../../model/key.js';
import { foldAddress } from '../../shared/fold-address.js';
import { type OwnKeyRow, ownKeyOf, type RecipientKeyRow, storedKeyOf } from '../key-rows.js';
import type { KeyFilter } from '../ports.js';
import type { RelayDb } from '../relay-db.js';

/** Every key of an address, whatever its state: the active one first, then the longest known. */
export function keysFor(db: RelayDb, address: string): readonly StoredKey[] {
  return db
    .all<RecipientKeyRow>(
      `SELECT * FROM recipient_keys WHERE folded = ?
       ORDER BY kind, state <> 'active', first_seen_at, fingerprint`,
      foldAddress(address),
    )
    .map(storedKeyOf);
}

/** By address. */
export function listKeys(db: RelayDb, filter: KeyFilter): readonly StoredKey[] {
  const states = filter.states?.map(() => '?').join(', ');
  const wanted: readonly { readonly sql: string; readonly values: readonly string[] }[] = [
    ...(filter.kind === undefined ? [] : [{ sql: 'kind = ?', values: [filter.kind] }]),
    filter.states === undefined
      ? { sql: "state <> 'removed'", values: [] }
      : { sql: `state IN (${states})`, values: filter.states },
    ...(filter.fingerprint === undefined ? [] : [{ sql: 'fingerprint = ?', values: [filter.fingerprint] }]),
    ...(filter.abbreviated === undefined
      ? []
      : [
          {
            sql: '(substr(fingerprint, 1, length(?)) = ? OR substr(fingerprint, -length(?)) = ?)',
            values: Array<string>(4).fill(filter.abbreviated),
          },
        ]),
  ];
  const where = wanted.map(({ sql }) => sql).join(' AND ');
  return db
    .all<RecipientKeyRow>(
      `SELECT * FROM recipient_keys WHERE ${where} ORDER BY folded, kind, first_seen_at, fingerprint LIMIT ?`,
      ...wanted.flatMap(({ values }) => values),
      filter.limit,
    )
    .map(storedKeyOf);
}

/** The gateway's first, then by address. */
export function ownKeys(db: RelayDb, _: null): readonly OwnKey[] {
  return db.all<OwnKeyRow>('SELECT * FROM own_keys ORDER BY folded, kind').map(ownKeyOf);
}

/** Those that could sign for a sender: its own first, then the gateway's, whose `folded` is empty. */
export function ownKeysFor(
  db: RelayDb,
  input: { readonly kind: OwnKeyKind; readonly sender: string },
): readonly OwnKey[] {
  return db
    .all<OwnKeyRow>(
      "SELECT * FROM own_keys WHERE kind = ? AND folded IN (?, '') ORDER BY folded DESC",
      input.kind,
      foldAddress(input.sender),
    )
    .map(ownKeyOf);
}
