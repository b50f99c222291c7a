import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { auditEvent } from '../audit/events.js';
import { type AuditLog, type AuditLogOptions, openAuditLog } from '../audit/log.js';
import { syncDirectory } from '../audit/month-file.js';
import { firstEvents } from '../audit/tail-check.js';
import { canonicalJson } from '../shared/canonical-json.js';
import { forgetTail, keptEvents } from './audit-tail.js';
import { forgetCheckpoint, rememberedCheckpoint } from './operations/audit-memory.js';
import type { RelayDb } from './relay-db.js';

/*
 * A log that begins because the folder of the one before was taken away says first which one that was, and then what that one may
 * have lost. It begins in a folder beside, so that a crash, or a start that is refused, leaves no log at all, and the next start
 * begins one; or one that says so.
 */

/** Where a log begins, in the data directory. */
export const BEGINNING = '.audit-begins';

/**
 * Puts on record, first in the log that begins in `draft`, which log was there before, and behind that the events that it may
 * have lost; then gives it its name. Whoever takes the folder away can so begin a new log, but none that looks like the first,
 * and nothing that was done is without its event.
 */
export function beginLog(db: RelayDb, draft: string, options: AuditLogOptions): void {
  const begun = begunAnew(db);
  const kept = keptEvents(db);
  if (begun !== undefined || kept.length > 0) {
    const audit = openAuditLog({ ...options, dir: draft });
    try {
      audit.begin();
      if (begun !== undefined) audit.append(begun, options.now());
      for (const event of kept) audit.appendAgain(event);
      audit.commit();
    } finally {
      audit.close();
    }
  }
  renameSync(draft, options.dir);
  syncDirectory(dirname(options.dir));
}

/**
 * Forgets the log before, and what was kept for it, once the log that is there begins with what `beginLog` writes; nothing can
 * stand behind it yet.
 */
export function forgetLogBefore(db: RelayDb, audit: AuditLog, dir: string): void {
  const begun = begunAnew(db);
  const expected = [
    ...(begun === undefined ? [] : [{ type: begun.type, data: canonicalJson({ ...begun.data }) }]),
    ...keptEvents(db).map(({ type, data }) => ({ type, data })),
  ];
  if (expected.length === 0 || audit.head().seq !== expected.length) return;
  if (!isDeepStrictEqual(firstEvents(dir, expected.length), expected)) return;
  db.exec('BEGIN IMMEDIATE');
  forgetTail(db);
  forgetCheckpoint(db);
  db.exec('COMMIT');
}

function begunAnew(db: RelayDb) {
  const before = rememberedCheckpoint(db);
  if (before === undefined) return undefined;
  const { seq, hash, key } = before;
  return auditEvent('audit.begun-anew', { lastSeq: seq, lastHash: hash, key });
}
