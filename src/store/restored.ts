import { auditEvent } from '../audit/events.js';
import type { AuditLog } from '../audit/log.js';
import { migrate } from './migrations.js';
import type { RelayDb } from './relay-db.js';
import { openRelayDb } from './relay-db.js';

/** What a restored database says of itself until the next start has put it on record. */
export interface Restored {
  /** Epoch milliseconds. */
  readonly madeAt: number;
  readonly restoredAt: number;
  /** SHA-256 of the backup's manifest, in hex. */
  readonly manifestHash: string;
  /** Recipients that were held so that nothing is sent twice. */
  readonly held: number;
  /** Somebody chose that what waited then goes on by itself. */
  readonly resumed: boolean;
}

/** How long what was restored waits for a person before it bounces, in milliseconds. */
const HELD_FOR_MS = 30 * 86_400_000;

/**
 * Makes a checked copy the database of a restored relay. What waited to be sent or decided may have gone since, so it is
 * held, unless somebody chose otherwise; the portal's items stay.
 * @returns what the next start puts on record
 */
export function markRestored(file: string, about: Omit<Restored, 'held'>): Restored {
  const db = openRelayDb(file);
  try {
    migrate(db, file);
    db.exec('BEGIN IMMEDIATE');
    const reason = `restored from the backup of ${new Date(about.madeAt).toISOString()}: it may have been sent since`;
    let held = 0;
    if (!about.resumed) {
      held = db.run(
        `UPDATE recipients SET state = 'held', expires_at = ?, next_attempt_at = NULL, last_status = NULL,
           last_reason = ?, throttled_by = NULL, throttled_since = NULL
         WHERE state IN ('pending', 'received')`,
        about.restoredAt + HELD_FOR_MS,
        reason,
      );
      db.run("UPDATE messages SET state = 'decided' WHERE state = 'received'");
    }
    // Whoever signed out since must not be signed in again, nor a browser that was forgotten since be known again.
    db.exec('DELETE FROM portal_sessions; DELETE FROM portal_codes; DELETE FROM portal_devices');
    const restored = { ...about, held };
    db.run(
      "INSERT OR REPLACE INTO meta (key, value) VALUES ('restored', ?)",
      Buffer.from(JSON.stringify(restored)),
    );
    db.exec('COMMIT');
    db.truncateWal();
    return restored;
  } finally {
    db.close();
  }
}

/** Whether it was restored, and that is not on record yet. */
export function isRestored(db: RelayDb): boolean {
  return db.get("SELECT 1 FROM meta WHERE key = 'restored'") !== undefined;
}

/**
 * Puts a restore on record at the first start after it, at the end of the restored log. A crash in between leaves it on
 * record twice, never not at all.
 */
export function recordRestore(db: RelayDb, audit: AuditLog, now: number): void {
  const row = db.get<{ readonly value: Uint8Array }>("SELECT value FROM meta WHERE key = 'restored'");
  if (row === undefined) return;
  const restored: Restored = JSON.parse(Buffer.from(row.value).toString('utf8'));
  audit.begin();
  audit.append(auditEvent('store.restored', { ...restored }), now);
  audit.commit();
  db.run("DELETE FROM meta WHERE key = 'restored'");
}
