import type { Clock } from '../../shared/clock.js';

/** Values that are forgotten after their time, and the least recently used ones where there are too many. */
export interface ExpiringCache<T> {
  get(key: string): T | undefined;
  /** @param until epoch milliseconds; @param weight counts towards the limit, for example bytes */
  set(key: string, value: T, until: number, weight?: number): void;
}

interface Kept<T> {
  readonly value: T;
  /** Epoch milliseconds, as `until`. */
  readonly from: number;
  readonly until: number;
  readonly weight: number;
}

export function createExpiringCache<T>(options: {
  readonly clock: Clock;
  readonly maxEntries: number;
  readonly maxWeight: number;
}): ExpiringCache<T> {
  // A Map keeps the order of insertion: the first is the one that was used longest ago.
  const kept = new Map<string, Kept<T>>();
  let weightOfAll = 0;
  const forget = (key: string) => {
    weightOfAll -= kept.get(key)?.weight ?? 0;
    kept.delete(key);
  };
  return {
    get(key) {
      const entry = kept.get(key);
      if (entry === undefined) return undefined;
      const now = options.clock.now();
      // A clock that was set back makes nothing valid for longer.
      if (now < entry.from || now >= entry.until) {
        forget(key);
        return undefined;
      }
      kept.delete(key);
      kept.set(key, entry);
      return entry.value;
    },
    set(key, value, until, weight = 0) {
      forget(key);
      if (weight > options.maxWeight) return;
      kept.set(key, { value, from: options.clock.now(), until, weight });
      weightOfAll += weight;
      for (const oldest of kept.keys()) {
        if (kept.size <= options.maxEntries && weightOfAll <= options.maxWeight) break;
        forget(oldest);
      }
    },
  };
}
