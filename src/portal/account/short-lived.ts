/** Values that end by themselves, in memory: after a restart a person starts again. At most `most`; the oldest go first. */
export interface ShortLived<T> {
  put(key: string, value: T, now: number): void;
  get(key: string, now: number): T | undefined;
  /** Puts another value in the place of one, which still ends when that would have; a first one lives its whole life. */
  change(key: string, next: (before: T | undefined) => T, now: number): void;
  /** Gives the value once. */
  take(key: string, now: number): T | undefined;
}

/** @param lifetimeMs how long a value lives */
export function shortLived<T>(most: number, lifetimeMs: number): ShortLived<T> {
  const kept = new Map<string, { readonly value: T; readonly until: number }>();
  const put = (key: string, value: T, now: number): void => {
    // Put anew, so that the order in the map stays that of age.
    kept.delete(key);
    kept.set(key, { value, until: now + lifetimeMs });
    for (const [oldest, { until }] of kept) {
      if (kept.size <= most && now < until) break;
      kept.delete(oldest);
    }
  };
  const get = (key: string, now: number): T | undefined => {
    const found = kept.get(key);
    return found !== undefined && now < found.until ? found.value : undefined;
  };
  return {
    get,
    put,
    change(key, next, now) {
      const before = kept.get(key);
      if (before === undefined || before.until <= now) put(key, next(undefined), now);
      else kept.set(key, { value: next(before.value), until: before.until });
    },
    take(key, now) {
      const value = get(key, now);
      kept.delete(key);
      return value;
    },
  };
}
