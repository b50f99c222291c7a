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
