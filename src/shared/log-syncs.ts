import { fsync, fsyncSync, openSync } from 'node:fs';

/** Gets what is committed to a database in WAL mode onto the disk. */
export interface LogSyncs {
  /**
   * Beside other work; calls back with what went wrong, if anything did.
   * @throws RangeError where as many run as there may be
   */
  beside(done: (failure: Error | null) => void): void;
  /** At once. @throws what went wrong */
  atOnce(): void;
}

/**
 * Syncs the log of a database that this thread keeps open, so that it stays the same file. To be made before anything is
 * committed: the system tells a failure to write once to each of a file's descriptors, and to none that is opened after it was
 * told to one. For the same reason each sync that may run at the same time has a descriptor of its own. They end with the
 * thread: closed by hand, one might be in use.
 * @param most so many may run beside other work at the same time
 * @throws where there is no log
 */
export function logSyncs(database: string, most = 1): LogSyncs {
  // What can be read can be synced.
  const descriptor = () => openSync(`${database}-wal`, 'r');
  const idle = Array.from({ length: most }, descriptor);
  const forAtOnce = descriptor();
  return {
    beside(done) {
      const one = idle.pop();
      if (one === undefined) throw new RangeError(`no more than ${most} syncs at the same time`);
      fsync(one, (failure) => {
        idle.push(one);
        done(failure);
      });
    },
    atOnce: () => fsyncSync(forAtOnce),
  };
}
