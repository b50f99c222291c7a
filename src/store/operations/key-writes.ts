import type { OwnKey, StoredKey, StoredKeyRef } from '../../model/key.js';
import { foldAddress } from '../../shared/fold-address.js';
import { chainText, type RecipientKeyRow, storedKeyOf } from '../key-rows.js';
import type { RelayDb } from '../relay-db.js';

const ROW = 'kind = ? AND folded = ? AND fingerprint = ?';
const THERE = "state <> 'removed'";
const placeOf = (ref: StoredKeyRef) => [ref.kind, foldAddress(ref.address), ref.fingerprint] as const;

/** `putKey`, but false when the row isn't any more as the caller saw it (undefined: that there was none). */
export function putKeyOver(
  db: RelayDb,
  input: { readonly key: StoredKey; readonly before: StoredKey | undefined },
): boolean {
  return isStill(db, input.key, input.before) && putKey(db, input.key);
}

/** False, with nothing done, when another key of this kind and address is the active one. */
export function putKey(db: RelayDb, key: StoredKey): boolean {
  if (key.state === 'active' && hasOtherActive(db, key)) return false;
  db.run(
    `INSERT INTO recipient_keys (kind, folded, fingerprint, address, source, state, pinned, first_seen_at,
       confirmed_at, actor, material, chain) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, folded, fingerprint) DO UPDATE SET address = excluded.address, source = excluded.source,
       state = excluded.state, pinned = excluded.pinned, first_seen_at = excluded.first_seen_at,
       confirmed_at = excluded.confirmed_at, actor = excluded.actor, material = excluded.material,
       chain = excluded.chain`,
    ...placeOf(key),
    key.address,
    key.source,
    key.state,
    key.pinned ? 1 : 0,
    key.firstSeenAt,
    key.confirmedAt,
    key.actor ?? null,
    key.material,
    chainText(key.chain),
  );
  return true;
}

/** False when there is no such row. The active key beside it becomes `replaced`. */
export function activateKey(
  db: RelayDb,
  input: { readonly ref: StoredKeyRef; readonly actor: string; readonly pinned: boolean },
): boolean {
  const place = placeOf(input.ref);
  if (db.get(`SELECT 1 FROM recipient_keys WHERE ${ROW} AND ${THERE}`, ...place) === undefined) return false;
  // First, because two active ones are never there, not even for a moment.
  db.run(
    `UPDATE recipient_keys SET state = 'replaced'
     WHERE kind = ? AND folded = ? AND fingerprint <> ? AND state = 'active'`,
    ...place,
  );
  db.run(
    `UPDATE recipient_keys SET state = 'active', actor = ?, pinned = ? WHERE ${ROW}`,
    input.actor,
    input.pinned ? 1 : 0,
    ...place,
  );
  return true;
}

/** False when it is not pending. */
export function rejectKey(
  db: RelayDb,
  input: { readonly ref: StoredKeyRef; readonly actor: string },
): boolean {
  const changed = db.run(
    `UPDATE recipient_keys SET state = 'rejected', actor = ? WHERE ${ROW} AND state = 'pending'`,
    input.actor,
    ...placeOf(input.ref),
  );
  return changed === 1;
}

/**
 * False when there is no such row. It becomes `removed` and keeps what was known of the key: a revocation once seen must
 * count when an older copy comes. Nobody vouches for it any more.
 */
export function removeKey(db: RelayDb, ref: StoredKeyRef): boolean {
  const changed = db.run(
    `UPDATE recipient_keys SET state = 'removed', pinned = 0 WHERE ${ROW} AND ${THERE}`,
    ...placeOf(ref),
  );
  return changed === 1;
}

/** Time doesn't go back: answers of two sources may arrive in any order. */
export function confirmKey(db: RelayDb, input: { readonly ref: StoredKeyRef; readonly at: number }): null {
  db.run(
    `UPDATE recipient_keys SET confirmed_at = max(confirmed_at, ?) WHERE ${ROW}`,
    input.at,
    ...placeOf(input.ref),
  );
  return null;
}

/** An older key of the same kind and address is replaced. */
export function putOwnKey(db: RelayDb, key: OwnKey): null {
  db.run(
    `INSERT INTO own_keys (kind, folded, fingerprint, address, added_at, actor, material, chain, sealed_secret)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (kind, folded) DO UPDATE SET fingerprint = excluded.fingerprint, address = excluded.address,
       added_at = excluded.added_at, actor = excluded.actor, material = excluded.material,
       chain = excluded.chain, sealed_secret = excluded.sealed_secret`,
    key.kind,
    key.address === undefined ? '' : foldAddress(key.address),
    key.fingerprint,
    key.address ?? null,
    key.addedAt,
    key.actor,
    key.material,
    chainText(key.chain),
    key.sealedSecret,
  );
  return null;
}

/** For every sender that it signs for. False when there is none. */
export function removeOwnKey(db: RelayDb, fingerprint: string): boolean {
  return db.run('DELETE FROM own_keys WHERE fingerprint = ?', fingerprint) > 0;
}

function isStill(db: RelayDb, ref: StoredKeyRef, before: StoredKey | undefined): boolean {
  const row = db.get<RecipientKeyRow>(`SELECT * FROM recipient_keys WHERE ${ROW}`, ...placeOf(ref));
  if (row === undefined || before === undefined) return row === undefined && before === undefined;
  const now = storedKeyOf(row);
  return (
    now.state === before.state &&
    now.source === before.source &&
    now.pinned === before.pinned &&
    now.actor === before.actor &&
    Buffer.compare(now.material, before.material) === 0
  );
}

function hasOtherActive(db: RelayDb, ref: StoredKeyRef): boolean {
  const found = db.get(
    `SELECT 1 FROM recipient_keys WHERE kind = ? AND folded = ? AND fingerprint <> ? AND state = 'active'`,
    ...placeOf(ref),
  );
  return found !== undefined;
}
