import type { AuditLog } from '../audit/log.js';
import type { EventRow } from '../audit/reader.js';
import { checkEvent } from '../audit/tail-check.js';
import { UserError } from '../shared/errors.js';
import type { RelayDb } from './relay-db.js';

/*
 * One sync a batch instead of two, one behind the other. The audit log is still committed first, so whatever ends the process
 * leaves it ahead of relay.db. But a power cut may take its newest events, and nothing may be done of which the log doesn't
 * know. So relay.db keeps the events of a batch in the same transaction as what the batch does, and whoever waits for relay.db
 * to be on disk waits for them, too. The log gets onto the disk beside that, and a start puts back what it lost, as it was,
 * before anything else happens.
 */

/** Batches that are kept at most: with as many the disk of the log is far behind, and the next one waits for it. */
const MOST_KEPT = 64;
/** Characters of their events' data that are kept at most: writing much twice takes longer than a sync. */
const MOST_TEXT = 16 * 1024 * 1024;
/**
 * From one sync of the log's to the next, in milliseconds, unless so many batches have come meanwhile: nobody waits for it, but
 * many a disk does it in place of the one that everybody waits for.
 */
const PAUSE = 100;
const SYNCED_TOGETHER = 16;

type Log = Pick<AuditLog, 'added' | 'commit' | 'commitAhead' | 'syncBeside'>;

/** The events that the audit log may not have on disk. */
export interface AuditTail {
  /** Keeps the events of the log's open transaction in the one of relay.db that is open and is committed next, and commits them. */
  commitLog(): void;
}

/** @param failed told once when it is unknown what of the log reached the disk */
export function auditTail(db: Pick<RelayDb, 'run'>, log: Log, failed: (cause: Error) => void): AuditTail {
  /** The last events of the batches that are kept, oldest first, with how much text each is. */
  let kept: { readonly last: number; readonly text: number }[] = [];
  /** The newest event that was committed, and of those that are on disk. */
  let committed = 0;
  let onDisk = 0;
  let isSyncing = false;
  let hasFailed = false;
  let pause: NodeJS.Timeout | undefined;

  const forget = (): void => {
    if ((kept[0]?.last ?? Number.POSITIVE_INFINITY) > onDisk) return;
    db.run('DELETE FROM audit_tail WHERE last_seq <= ?', onDisk);
    kept = kept.filter(({ last }) => last > onDisk);
  };

  const sync = (): void => {
    if (isSyncing || hasFailed || committed <= onDisk) return;
    if (pause !== undefined && kept.filter(({ last }) => last > onDisk).length < SYNCED_TOGETHER) return;
    clearTimeout(pause);
    pause = setTimeout(() => {
      pause = undefined;
      sync();
    }, PAUSE);
    // It keeps no thread from its end: closing the log gets it onto the disk.
    pause.unref();
    isSyncing = true;
    log.syncBeside((failure, seq) => {
      isSyncing = false;
      if (failure === null) {
        onDisk = Math.max(onDisk, seq);
        sync();
      } else {
        hasFailed = true;
        failed(failure);
      }
    });
  };

  return {
    commitLog() {
      const added = log.added();
      const last = added.at(-1)?.seq;
      const text = added.reduce((sum, { data }) => sum + data.length, 0);
      forget();
      const isMuch = kept.length >= MOST_KEPT || kept.reduce((sum, one) => sum + one.text, text) > MOST_TEXT;
      if (last === undefined || isMuch) {
        log.commit();
        committed = onDisk = last ?? committed;
        forget();
        return;
      }
      db.run(
        'INSERT INTO audit_tail (last_seq, events) VALUES (?, ?)',
        last,
        Buffer.from(JSON.stringify(added)),
      );
      kept.push({ last, text });
      log.commitAhead();
      committed = last;
      // Begun before relay.db's own, so that the disk does both at once.
      sync();
    },
  };
}

/**
 * Puts the events back that the audit log lost at a power cut. To be called at a start, before anything is added to the log.
 * @param dir the log's folder
 * @returns how many there were
 * @throws UserError when the log isn't the one that they belong to
 */
export function putBackTail(db: RelayDb, audit: AuditLog, dir: string, file: string): number {
  const events = keptEvents(db);
  const last = events.at(-1);
  if (last === undefined) return 0;
  const count = audit.putBack(events);
  checkEvent(dir, last, file);
  forgetTail(db);
  return count;
}

/** The events that the log may not have on disk, in order. */
export function keptEvents(db: RelayDb): readonly EventRow[] {
  return db
    .all<{ readonly events: Uint8Array }>('SELECT events FROM audit_tail ORDER BY last_seq')
    .flatMap((row) => eventsOf(row.events));
}

/** To be called when the log has them on disk. */
export function forgetTail(db: RelayDb): void {
  db.run('DELETE FROM audit_tail');
}

function eventsOf(bytes: Uint8Array): readonly EventRow[] {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new UserError(
      "what relay.db keeps for the audit log (audit_tail) can't be read, so relay.db is damaged: keep it, and restore the newest backup",
      { cause },
    );
  }
}
