import { fsync, fsyncSync, openSync } from 'node:fs';

/** Gets what is committed to a database in WAL mode onto the disk. */
export interface LogSyncs {
  /** Beside other work; calls back with what went wrong, if anything did. */
  beside(done: (failure: Error | null) => void): void;
  /** At once. @throws what went wrong */
  atOnce(): void;
}

/**
 * Syncs the log of a database that this thread keeps open, so that it stays the same file. To be made before anything is
 * committed: the system tells a failure to write once to each of a file's descriptors, and to none that is opened after it was
 * told to one. For the same reason each way of syncing has a descriptor of its own. They end with the thread: closed by hand,
 * one might be in use.
 * @throws where there is no log
 */
export function logSyncs(database: string): LogSyncs {
  // What can be read can be synced.
  const [forBeside, forAtOnce] = [openSync(`${database}-wal`, 'r'), openSync(`${database}-wal`, 'r')];
  return {
    beside: (done) => fsync(forBeside, done),
    atOnce: () => fsyncSync(forAtOnce),
  };
}
