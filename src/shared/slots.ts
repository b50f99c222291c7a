export interface Slots {
  /** Waits for a free slot and runs the job in it. Those of a higher priority start first, else in the order they came. */
  run<T>(job: () => Promise<T>, priority?: number): Promise<T>;
}

/**
 * At most so many jobs at once. A deadline inside a job then counts its own time and not that spent waiting: else
 * a busy hour would make messages unread.
 */
export function slots(count: number): Slots {
  let free = count;
  const waiting: { readonly priority: number; readonly start: () => void }[] = [];
  const release = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next.start();
  };
  const queue = (priority: number, start: () => void) => {
    const behind = waiting.findIndex((one) => one.priority < priority);
    waiting.splice(behind < 0 ? waiting.length : behind, 0, { priority, start });
  };
  return {
    async run(job, priority = 0) {
      if (free > 0) free -= 1;
      else await new Promise<void>((resolve) => queue(priority, resolve));
      try {
        return await job();
      } finally {
        release();
      }
    },
  };
}
