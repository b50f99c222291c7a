/** How many were counted in each minute since the epoch. */
export type MinuteCounts = ReadonlyMap<number, number>;

const MINUTE_MS = 60_000;
/** An hour that ends within a minute touches this many minutes. */
const WINDOW = 61;

/** Least time between two that wait in a line, so that a whole window of them never exceeds the limit; milliseconds. */
export function spacing(limit: number): number {
  return Math.ceil((WINDOW * MINUTE_MS) / limit);
}

export function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS);
}

/** The first minute that still counts at `now`. */
export function firstMinute(now: number): number {
  return minuteOf(now) - (WINDOW - 1);
}

/**
 * How many more may be counted at `now` (epoch milliseconds), so that no hour, wherever it begins, ever has more than
 * `limit`. Whole minutes are counted, so the hour is up to a minute too long, never too short. Minutes after `now`, from
 * a clock that was set back, count too.
 */
export function roomLeft(counts: MinuteCounts, limit: number, now: number): number {
  return Math.max(0, limit - used(counts, now));
}

/**
 * The earliest time (epoch milliseconds, `now` or later) with room for one more, if nothing else is counted. What a
 * clock that was set back left in minutes to come is taken to be of now.
 */
export function roomAt(counts: MinuteCounts, limit: number, now: number): number {
  const current = minuteOf(now);
  let left = used(counts, now);
  if (left < limit) return now;
  const oldestFirst = [...counts]
    .filter(([minute]) => minute >= firstMinute(now))
    .map(([minute, count]) => ({ minute: Math.min(minute, current), count }))
    .toSorted((a, b) => a.minute - b.minute);
  for (const { minute, count } of oldestFirst) {
    left -= count;
    if (left < limit) return (minute + WINDOW) * MINUTE_MS;
  }
  return (current + WINDOW) * MINUTE_MS;
}

function used(counts: MinuteCounts, now: number): number {
  const first = firstMinute(now);
  let sum = 0;
  for (const [minute, count] of counts) if (minute >= first) sum += count;
  return sum;
}
