import type { Clock } from '../shared/clock.js';

/** Counts events by key in a sliding window; memory is bounded. */
export interface SlidingCounter {
  /** Events of the key within the last `windowMs` milliseconds. */
  count(key: string, windowMs: number): number;
  add(key: string): void;
}

/**
 * A counter that remembers the newest `perKey` events of each of the newest `keys` keys. Counts up to `perKey` are
 * exact, so it must be at least the limit compared with.
 */
export function slidingCounter(clock: Clock, perKey: () => number, keys = 50_000): SlidingCounter {
  const times = new Map<string, number[]>();
  return {
    count(key, windowMs) {
      const since = clock.now() - windowMs;
      return times.get(key)?.filter((at) => at > since).length ?? 0;
    },
    add(key) {
      const list = times.get(key) ?? [];
      times.delete(key);
      list.push(clock.now());
      if (list.length > perKey()) list.splice(0, list.length - perKey());
      times.set(key, list);
      if (times.size > keys) {
        for (const oldest of times.keys()) {
          times.delete(oldest);
          break;
        }
      }
    },
  };
}

const MINUTE = 60_000;

/** Counts events by key over the last hour, to the minute: for limits too high to remember each event. */
export function hourCounter(clock: Clock): {
  count(key: string): number;
  add(key: string): void;
} {
  const buckets = new Map<string, Map<number, number>>();
  const minute = () => Math.floor(clock.now() / MINUTE);
  return {
    count(key) {
      let sum = 0;
      for (const [at, n] of buckets.get(key) ?? []) if (at > minute() - 60 && at <= minute()) sum += n;
      return sum;
    },
    add(key) {
      const own = buckets.get(key) ?? new Map<number, number>();
      own.set(minute(), (own.get(minute()) ?? 0) + 1);
      for (const at of own.keys()) if (at <= minute() - 60) own.delete(at);
      buckets.set(key, own);
    },
  };
}
