/**
 * Room for tasks by their weight: `enter` waits, in order of arrival, until there is enough, and gives what leaves again
 * (more than once is once). Something heavier than all the room is let in alone.
 */
export function createRoom(room: number): (weight: number) => Promise<() => void> {
  let taken = 0;
  const waiting: { readonly weight: number; readonly enter: () => void }[] = [];
  const letIn = (): void => {
    for (let next = waiting[0]; next !== undefined && taken + next.weight <= room; next = waiting[0]) {
      waiting.shift();
      taken += next.weight;
      next.enter();
    }
  };
  return async (given) => {
    const weight = Math.min(given, room);
    // Whoever comes later doesn't slip by, even where it would fit.
    await new Promise<void>((enter) => {
      waiting.push({ weight, enter });
      letIn();
    });
    let inside = true;
    return () => {
      if (!inside) return;
      inside = false;
      taken -= weight;
      letIn();
    };
  };
}

/** Lets at most `limit` tasks run at a time; the others wait in order of arrival. */
export function createGate(limit: number): <T>(task: () => Promise<T>) => Promise<T> {
  const enter = createRoom(limit);
  return async (task) => {
    const leave = await enter(1);
    try {
      return await task();
    } finally {
      leave();
    }
  };
}

/** Runs a task of somebody's when it is their turn. */
export type FairGate = <T>(whose: string, task: () => Promise<T>) => Promise<T>;

/**
 * Lets at most `limit` tasks run at a time, one of each owner, and owners take turns: whoever has many tasks waiting, or
 * one that takes long, keeps only themselves waiting. Tasks of one owner run in order of arrival.
 */
export function createFairGate(limit: number): FairGate {
  const running = new Set<string>();
  // Owners in the order of their turns.
  const waiting = new Map<string, (() => void)[]>();
  const letIn = (): void => {
    for (const [whose, starts] of waiting) {
      if (running.size >= limit) return;
      if (running.has(whose)) continue;
      const start = starts.shift();
      if (starts.length === 0) waiting.delete(whose);
      running.add(whose);
      start?.();
    }
  };
  return async (whose, task) => {
    await new Promise<void>((start) => {
      const mine = waiting.get(whose);
      if (mine === undefined) waiting.set(whose, [start]);
      else mine.push(start);
      letIn();
    });
    try {
      return await task();
    } finally {
      running.delete(whose);
      // To the end of the round.
      const mine = waiting.get(whose);
      if (mine !== undefined && waiting.delete(whose)) waiting.set(whose, mine);
      letIn();
    }
  };
}
