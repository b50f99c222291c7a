import type { Suppression } from '../../model/suppression.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { RelayDb } from '../relay-db.js';

interface SuppressionRow {
  readonly address: string;
  readonly reason: string;
  readonly status: string | null;
  readonly host: string | null;
  readonly message_id: string | null;
  readonly actor: string | null;
  readonly added_at: number;
  readonly expires_at: number | null;
}

/** Those of the addresses (in any case) that are on the list at `now`. */
export function suppressed(
  db: RelayDb,
  input: { readonly addresses: readonly string[]; readonly now: number },
): readonly Suppression[] {
  return db
    .all<SuppressionRow>(
      `SELECT * FROM suppressions WHERE address IN (SELECT value FROM json_each(?))
       AND (expires_at IS NULL OR expires_at > ?)`,
      JSON.stringify(input.addresses.map(foldAddress)),
      input.now,
    )
    .map(suppressionOf);
}

/** Whether an address (in any case) is on the list at `now`. */
export function isSuppressed(db: RelayDb, address: string, now: number): boolean {
  return (
    db.get(
      'SELECT 1 FROM suppressions WHERE address = ? AND (expires_at IS NULL OR expires_at > ?)',
      foldAddress(address),
      now,
    ) !== undefined
  );
}

/** Newest first; what has expired is left out. */
export function listSuppressions(
  db: RelayDb,
  input: { readonly now: number; readonly limit: number },
): readonly Suppression[] {
  return db
    .all<SuppressionRow>(
      `SELECT * FROM suppressions WHERE expires_at IS NULL OR expires_at > ?
       ORDER BY added_at DESC, address LIMIT ?`,
      input.now,
      input.limit,
    )
    .map(suppressionOf);
}

/**
 * Adds an address or replaces what is known of it. What a person said stays: the gateway doesn't overwrite it.
 * False, with nothing done, where that is so.
 */
export function putSuppression(db: RelayDb, one: Suppression): boolean {
  return (
    db.run(
      `INSERT INTO suppressions (address, reason, status, host, message_id, actor, added_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (address) DO UPDATE SET reason = excluded.reason, status = excluded.status,
         host = excluded.host, message_id = excluded.message_id, actor = excluded.actor,
         added_at = excluded.added_at, expires_at = excluded.expires_at
       WHERE excluded.actor IS NOT NULL OR suppressions.actor IS NULL
         OR suppressions.expires_at <= excluded.added_at`,
      foldAddress(one.address),
      one.reason,
      one.status ?? null,
      one.host ?? null,
      one.messageId ?? null,
      one.actor ?? null,
      one.addedAt,
      one.expiresAt ?? null,
    ) === 1
  );
}

/** False when it isn't on the list. */
export function removeSuppression(db: RelayDb, address: string): boolean {
  return db.run('DELETE FROM suppressions WHERE address = ?', foldAddress(address)) === 1;
}

/** Forgets what has expired; false when there is nothing. */
export function forgetExpiredSuppressions(db: RelayDb, now: number): boolean {
  return db.run('DELETE FROM suppressions WHERE expires_at <= ?', now) > 0;
}

function suppressionOf(row: SuppressionRow): Suppression {
  return {
    address: row.address,
    reason: row.reason,
    ...(row.status === null ? {} : { status: row.status }),
    ...(row.host === null ? {} : { host: row.host }),
    ...(row.message_id === null ? {} : { messageId: row.message_id }),
    ...(row.actor === null ? {} : { actor: row.actor }),
    addedAt: row.added_at,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at }),
  };
}
