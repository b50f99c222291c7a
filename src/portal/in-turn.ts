/** Runs tasks of the same key one after the other, tasks of different keys side by side. */
export type InTurn = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/**
 * Limits that are read and then counted (tries of a code, codes an hour) would not hold against requests sent at
 * once; in turn they do.
 */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, task) => {
    const before = last.get(key) ?? Promise.resolve();
    const run = before.then(task, task);
    last.set(key, run);
    try {
      return await run;
    } finally {
      if (last.get(key) === run) last.delete(key);
    }
  };
}

/** Lets at most `limit` tasks run at a time; the others wait in order of arrival. */
export function createGate(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      // The place passes on directly, so that nobody slips in between.
      if (next === undefined) running--;
      else next();
    }
  };
}
