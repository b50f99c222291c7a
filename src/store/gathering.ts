/** The batch before, as far as it says what comes. Times in milliseconds of one clock that only goes forward. */
export interface LastBatch {
  readonly requests: number;
  /** From its first statement until it was on disk. */
  readonly took: number;
  readonly endedAt: number;
}

/** A batch of fewer is no sign of load. */
const FEW = 4;
/** A batch that ended longer ago says nothing about now. */
const STALE_MS = 10;
const LEAST_MS = 1;
const MOST_MS = 5;
/** With so many a batch is worth its syncs. */
export const ENOUGH = 64;

/**
 * How long the next batch gathers requests before it begins, in milliseconds. A commit costs two syncs and a rewrite of the
 * same few pages however much is in it, so under load it pays to wait as long as the last one took; then it waits for no
 * more than it saves. Without load nothing waits: the first request is committed at once.
 */
export function gatherFor(last: LastBatch | undefined, now: number): number {
  if (last === undefined || last.requests < FEW || now - last.endedAt > STALE_MS) return 0;
  return Math.min(MOST_MS, Math.max(LEAST_MS, last.took));
}
