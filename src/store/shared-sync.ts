/**
 * Lets all who ask while a sync runs share the next one: what they did needn't have come before the one that runs. After a
 * failure nothing is synced any more, because the next sync would say that all is well, whatever the failed one lost.
 */
export function sharedSync(sync: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let failure: { readonly error: unknown } | undefined;

  const begin = async (): Promise<void> => {
    if (failure !== undefined) throw failure.error;
    try {
      await sync();
    } catch (error) {
      failure ??= { error };
      throw error;
    } finally {
      running = undefined;
    }
  };
  const run = (): Promise<void> => {
    next = undefined;
    running = begin();
    return running;
  };

  return () => {
    if (next !== undefined) return next;
    if (running === undefined) return run();
    next = running.then(run, run);
    return next;
  };
}
