/** What was done under a mark, and whether it had been done before. */
export interface Done<Result> {
  readonly result: Result;
  readonly again: boolean;
}

/** A form is sent twice within seconds, by an impatient finger or a browser that tries again. In milliseconds. */
const KEPT_MS = 60 * 60_000;
const MOST = 10_000;

/**
 * Does a thing once for each mark: whoever comes again, or at the same time, gets what came of the first. What failed, or
 * came to nothing, is forgotten, so that it can be tried again.
 * @param now epoch milliseconds
 * @param isDone whether a result is one to keep
 */
export function createOnce<Result>(
  now: () => number,
  isDone: (result: Result) => boolean,
): (mark: string | undefined, task: () => Promise<Result>) => Promise<Done<Result>> {
  const kept = new Map<string, { readonly at: number; readonly result: Promise<Result> }>();
  const forgetOld = (): void => {
    for (const [mark, { at }] of kept) {
      if (kept.size < MOST && now() - at < KEPT_MS) return;
      kept.delete(mark);
    }
  };
  return async (mark, task) => {
    if (mark === undefined) return { result: await task(), again: false };
    forgetOld();
    const before = kept.get(mark);
    if (before !== undefined) return { result: await before.result, again: true };
    const result = task();
    kept.set(mark, { at: now(), result });
    let done = false;
    try {
      const got = await result;
      done = isDone(got);
      return { result: got, again: false };
    } finally {
      if (!done) kept.delete(mark);
    }
  };
}
