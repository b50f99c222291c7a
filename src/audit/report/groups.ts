/** How many different keys a report counts one by one. */
export const MAX_KEYS = 50_000;

/** Figures by key, in bounded memory: once there are `max` keys, what is of a further one is only counted. */
export interface Groups<Figures> {
  /** The figures of a key, made when it is new; undefined when there is no place for it. */
  of(key: string): Figures | undefined;
  readonly entries: () => readonly (readonly [key: string, figures: Figures])[];
  /** How often a key had no place. */
  readonly uncounted: () => number;
}

export function createGroups<Figures>(make: () => Figures, max = MAX_KEYS): Groups<Figures> {
  const figures = new Map<string, Figures>();
  let uncounted = 0;
  return {
    of(key) {
      const known = figures.get(key);
      if (known !== undefined) return known;
      if (figures.size >= max) {
        uncounted++;
        return undefined;
      }
      const made = make();
      figures.set(key, made);
      return made;
    },
    entries: () => [...figures],
    uncounted: () => uncounted,
  };
}

export interface Ranked {
  readonly key: string;
  readonly count: number;
}

/** The keys that were counted most often. */
export interface Ranking {
  readonly top: readonly Ranked[];
  /** Different keys that were counted one by one. */
  readonly keys: number;
  /** The sum of those that are not in `top`. */
  readonly rest: number;
  /** What was of keys that had no place; 0 unless there were more than MAX_KEYS of them. */
  readonly uncounted: number;
}

export interface Counter {
  add(key: string, count?: number): void;
  ranking(most: number): Ranking;
}

/** Counts by key, exactly for every key that it lists, unless `uncounted` is not 0. */
export function createCounter(max = MAX_KEYS): Counter {
  const counts = new Map<string, number>();
  let uncounted = 0;
  return {
    add(key, count = 1) {
      const before = counts.get(key);
      if (before === undefined && counts.size >= max) uncounted += count;
      else counts.set(key, (before ?? 0) + count);
    },
    ranking(most) {
      const sorted = [...counts].map(([key, count]) => ({ key, count })).sort(byCount);
      const rest = sorted.slice(most).reduce((sum, one) => sum + one.count, 0);
      return { top: sorted.slice(0, most), keys: sorted.length, rest, uncounted };
    },
  };
}

/** The most first; the same number by name, so that the same log gives the same report. */
export function byCount(a: Ranked, b: Ranked): number {
  return b.count - a.count || (a.key < b.key ? -1 : 1);
}
