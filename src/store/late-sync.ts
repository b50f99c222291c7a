import type { LogSyncs } from '../shared/log-syncs.js';
import type { RelayDb } from './relay-db.js';

/** With a disk whose syncs take this long it is worth it to work while it syncs. */
const SLOW_MS = 3;
/** Batches that are then synced late, before it is seen anew how long a sync takes. */
const LATE_BATCHES = 50;

/**
 * Called when what it waits for is on disk; with `failure` when it is unknown what reached the disk, for this and everything
 * behind it.
 */
export type Synced = (failure: Error | undefined) => void;

/**
 * Syncs relay.db beside the next batch where the disk is slow: that one then begins when the one before is written, not when
 * it is on the disk. Nothing is answered before it is, in the order in which it was written. A power cut takes the end of
 * what was written, never a piece from the middle; and what the audit log may lose of the events of a batch lies in the same
 * transaction (audit-tail).
 */
export interface LateSync {
  /** To be called before each batch: sees to it that its commit is synced, or leaves that to what comes behind it. */
  begin(): void;
  /**
   * Calls back when everything that was committed is on disk: at once where it is already, else behind all that waits.
   * @param commitTook of the batch, in milliseconds; undefined where it committed nothing
   */
  whenSynced(commitTook: number | undefined, synced: Synced): void;
  /**
   * Sees to it that everything that was committed is on disk, for what acts on more than the answer to it. Gives what went
   * wrong; then nothing may rest on what was read.
   */
  syncAtOnce(): Error | undefined;
}

export function lateSync(db: Pick<RelayDb, 'run'>, log: LogSyncs): LateSync {
  const waiting: Synced[] = [];
  let isSyncing = false;
  let isLate = false;
  let lateBatches = 0;
  let failure: Error | undefined;

  const sync = (): void => {
    isSyncing = true;
    const covered = waiting.length;
    log.beside((problem) => {
      if (problem !== null) failure ??= problem;
      // Each leaves the line as it is called, not before: what it asks for itself comes behind all who still stand in it.
      for (let left = covered; left > 0; left--) waiting.shift()?.(failure);
      isSyncing = false;
      if (waiting.length > 0) sync();
    });
  };

  return {
    syncAtOnce() {
      try {
        log.atOnce();
      } catch (error) {
        failure ??= error instanceof Error ? error : new Error(String(error));
      }
      return failure;
    },
    begin() {
      const late = lateBatches > 0;
      if (late) lateBatches--;
      if (late === isLate) return;
      db.run(`PRAGMA synchronous = ${late ? 'NORMAL' : 'FULL'}`);
      isLate = late;
    },
    whenSynced(commitTook, synced) {
      if (commitTook !== undefined && !isLate && commitTook >= SLOW_MS) lateBatches = LATE_BATCHES;
      const isOnDisk = waiting.length === 0 && (commitTook === undefined || !isLate);
      if (isOnDisk) {
        synced(failure);
        return;
      }
      waiting.push(synced);
      if (!isSyncing) sync();
    },
  };
}
