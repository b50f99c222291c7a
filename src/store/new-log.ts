import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { auditEvent } from '../audit/events.js';
import { type AuditLog, type AuditLogOptions, openAuditLog } from '../audit/log.js';
import { syncDirectory } from '../audit/month-file.js';
import { firstEvent } from '../audit/tail-check.js';
import { canonicalJson } from '../shared/canonical-json.js';
import { forgetTail } from './audit-tail.js';
import { forgetCheckpoint, rememberedCheckpoint } from './operations/audit-memory.js';
import type { RelayDb } from './relay-db.js';

/*
 * A log that begins because the folder of the one before was taken away says first which one that was. It begins in a folder
 * beside, so that a crash, or a start that is refused, leaves no log at all, and the next start begins one; or one that says so.
 */

/** Where a log begins, in the data directory. */
export const BEGINNING = '.audit-begins';

/**
 * Puts on record, first in the log that begins in `draft`, which log was there before, and gives it its name. Whoever takes the
 * folder away can so begin a new log, but none that looks like the first.
 */
export function beginLog(db: RelayDb, draft: string, options: AuditLogOptions): void {
  const event = begunAnew(db);
  if (event !== undefined) {
    const audit = openAuditLog({ ...options, dir: draft });
    try {
      audit.begin();
      audit.append(event, options.now());
      audit.commit();
    } finally {
      audit.close();
    }
  }
  // What is kept for the log before has no place any more; once this one is there, it would be taken for one of its own.
  forgetTail(db);
  renameSync(draft, options.dir);
  syncDirectory(dirname(options.dir));
}

/** Forgets the log before, once the first event of the log that is there says which one that was; nothing can stand behind it yet. */
export function forgetLogBefore(db: RelayDb, audit: AuditLog, dir: string): void {
  const event = begunAnew(db);
  if (event === undefined || audit.head().seq !== 1) return;
  const first = firstEvent(dir);
  if (first?.type === event.type && first.data === canonicalJson({ ...event.data })) forgetCheckpoint(db);
}

function begunAnew(db: RelayDb) {
  const before = rememberedCheckpoint(db);
  if (before === undefined) return undefined;
  const { seq, hash, key } = before;
  return auditEvent('audit.begun-anew', { lastSeq: seq, lastHash: hash, key });
}
