import type { LogSyncs } from '../shared/log-syncs.js';
import type { RelayDb } from './relay-db.js';
import { syncsAtOnce } from './syncs-at-once.js';

/** With a disk whose syncs take this long it is worth it to work while it syncs. */
const SLOW_MS = 3;
/** Batches that are then synced late, before it is seen anew how long a sync takes; twice as many each time it is as slow. */
const LATE_BATCHES = 50;
const MOST_LATE_BATCHES = 400;

/**
 * Called when what it waits for is on disk; with `failure` when it is unknown what reached the disk, for this and everything
 * behind it.
 */
export type Synced = (failure: Error | undefined) => void;

/**
 * Syncs relay.db beside the next batch where the disk is slow: that one then begins when the one before is written, not when
 * it is on the disk. Nothing is answered before it is, in the order in which it was written. A power cut takes the end of
 * what was written, never a piece from the middle; and what the audit log may lose of the events of a batch lies in the same
 * transaction (audit-tail). Where the disk does two syncs at once, the next one doesn't wait for the end of the one before.
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

interface Running {
  /** For how many of those that wait it was begun. */
  readonly covers: number;
  endedAt: number | undefined;
}

/**
 * @param log of which so many as MOST_SYNCS may run beside other work
 * @param now a clock in milliseconds that is never set
 */
export function lateSync(
  db: Pick<RelayDb, 'run'>,
  log: LogSyncs,
  now: () => number = () => performance.now(),
): LateSync {
  const atOnce = syncsAtOnce();
  const waiting: Synced[] = [];
  /** Of those that wait, the first so many have a sync under way that was begun when what they wait for was written. */
  let covered = 0;
  /** The syncs under way, oldest first. */
  const running: Running[] = [];
  let isLate = false;
  let lateBatches = 0;
  let nextLate = LATE_BATCHES;
  let failure: Error | undefined;

  const sync = (): void => {
    if (covered === waiting.length || running.length >= atOnce.most()) return;
    const other = running.find(({ endedAt }) => endedAt === undefined);
    const one: Running = { covers: waiting.length - covered, endedAt: undefined };
    covered = waiting.length;
    running.push(one);
    const began = now();
    log.beside((problem) => {
      const endedAt = now();
      one.endedAt = endedAt;
      atOnce.took(endedAt - began, other === undefined ? 0 : (other.endedAt ?? endedAt) - began);
      // Also for whom an older sync was begun that isn't back yet: what was lost may be theirs.
      if (problem !== null) failure ??= problem;
      answer();
      sync();
    });
  };

  /** In the order in which it was written: a sync that overtook another waits for it. */
  const answer = (): void => {
    for (let first = running[0]; first?.endedAt !== undefined; first = running[0]) {
      // Each leaves the line as it is called, not before: what it asks for itself comes behind all who still stand in it.
      for (let left = first.covers; left > 0; left--) {
        covered--;
        waiting.shift()?.(failure);
      }
      running.shift();
    }
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
      if (commitTook !== undefined && !isLate) {
        const isSlow = commitTook >= SLOW_MS;
        lateBatches = isSlow ? nextLate : 0;
        nextLate = isSlow ? Math.min(2 * nextLate, MOST_LATE_BATCHES) : LATE_BATCHES;
      }
      const isOnDisk = waiting.length === 0 && (commitTook === undefined || !isLate);
      if (isOnDisk) {
        synced(failure);
        return;
      }
      waiting.push(synced);
      sync();
    },
  };
}
