/** Runs tasks of the same key one after the other, tasks of different keys side by side. */
export type InTurn = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/**
 * What is looked at and then acted upon (tries of a code, codes an hour, whether an account exists) would not hold
 * against requests sent at once; in turn it does.
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
