import { auditEvent } from '../audit/events.js';
import type { AuditLog } from '../audit/log.js';
import { forgetTail, keptEvents } from './audit-tail.js';
import { forgetCheckpoint, rememberedCheckpoint } from './operations/audit-memory.js';
import type { RelayDb } from './relay-db.js';

/**
 * Puts on record, first in a log that begins, which log was there before, and behind that the events that it may have lost;
 * then that one is forgotten. Whoever takes the folder away can so begin a new log, but none that looks like the first, and
 * nothing that was done is without its event.
 */
export function recordNewLog(db: RelayDb, audit: AuditLog, now: number): void {
  const before = rememberedCheckpoint(db);
  const kept = keptEvents(db);
  if (before !== undefined || kept.length > 0) {
    audit.begin();
    if (before !== undefined) {
      const { seq, hash, key } = before;
      audit.append(auditEvent('audit.begun-anew', { lastSeq: seq, lastHash: hash, key }), now);
    }
    for (const event of kept) audit.appendAgain(event);
    audit.commit();
  }
  forgetTail(db);
  forgetCheckpoint(db);
}
