import { auditEvent } from '../audit/events.js';
import type { AuditLog } from '../audit/log.js';
import { forgetCheckpoint, rememberedCheckpoint } from './operations/audit-memory.js';
import type { RelayDb } from './relay-db.js';

/**
 * Puts on record, first in a log that begins, which log was there before; then that one is forgotten. Whoever takes the
 * folder away can so begin a new log, but none that looks like the first.
 */
export function recordNewLog(db: RelayDb, audit: AuditLog, now: number): void {
  const before = rememberedCheckpoint(db);
  if (before !== undefined) {
    const { seq, hash, key } = before;
    audit.begin();
    audit.append(auditEvent('audit.begun-anew', { lastSeq: seq, lastHash: hash, key }), now);
    audit.commit();
  }
  forgetCheckpoint(db);
}
