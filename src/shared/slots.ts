export interface Slots {
  /** Waits for a free slot and runs the job in it. Jobs start in the order they came. */
  run<T>(job: () => Promise<T>): Promise<T>;
}

/**
 * At most so many jobs at once. A deadline inside a job then counts its own time and not that spent waiting: else
 * a busy hour would make messages unread.
 */
export function slots(count: number): Slots {
  let free = count;
  const waiting: (() => void)[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async run(job) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
