export interface Slots {
  /**
   * Waits for a free slot and runs the job in it. Jobs start in the order they came.
   * @param within how long it waits at most, in milliseconds; left out: as long as those before it need
   * @throws NoFreeSlot when none became free in that time; then the job never runs
   */
  run<T>(job: () => Promise<T>, within?: number): Promise<T>;
}

/** Those before it took too long. */
export class NoFreeSlot extends Error {
  override readonly name = 'NoFreeSlot';
}

/**
 * At most so many jobs at once. A deadline inside a job then counts its own time and not that spent waiting: else
 * a busy hour would make messages unread.
 */
export function slots(count: number): Slots {
  let free = count;
  /** In the order they came. */
  const waiting = new Set<() => void>();
  const release = () => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else {
      waiting.delete(next);
      next();
    }
  };
  const wait = (within: number | undefined) =>
    new Promise<void>((resolve, reject) => {
      let late: NodeJS.Timeout | undefined;
      const begin = () => {
        clearTimeout(late);
        resolve();
      };
      waiting.add(begin);
      if (within === undefined) return;
      late = setTimeout(() => {
        waiting.delete(begin);
        reject(new NoFreeSlot(`nothing became free within ${within} ms`));
      }, within);
    });
  return {
    async run(job, within) {
      if (free > 0) free -= 1;
      else await wait(within);
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
