import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minuteOf, roomAt, roomLeft, spacing } from '../../../src/shared/hourly-limit.js';

const HOUR = 3_600_000;

/** Counts as an administrator would who writes every attempt down. */
function mostInAnHour(times: readonly number[]): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at - from < HOUR).length));
}

describe('a limit for each hour', () => {
  it('is never exceeded in any hour, wherever it begins, and never keeps anybody for ever', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 2 ** 40 }),
        fc.array(fc.integer({ min: 0, max: 20 * 60_000 }), { maxLength: 150 }),
        (limit, start, gaps) => {
          const counts = new Map<number, number>();
          const done: number[] = [];
          let now = start;
          for (const gap of gaps) {
            now += gap;
            const at = roomAt(counts, limit, now);
            expect(at).toBeLessThanOrEqual(now + 61 * 60_000);
            expect(at === now).toBe(roomLeft(counts, limit, now) > 0);
            expect(roomLeft(counts, limit, at)).toBeGreaterThan(0);
            if (at > now) continue;
            counts.set(minuteOf(now), (counts.get(minuteOf(now)) ?? 0) + 1);
            done.push(now);
          }
          expect(mostInAnHour(done)).toBeLessThanOrEqual(limit);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('always has room for a line whose members keep their distance', () => {
    for (const limit of [1, 7, 1000]) {
      const counts = new Map<number, number>();
      for (let n = 0; n < 2 * limit + 5; n++) {
        const now = 10 ** 12 + n * spacing(limit);
        expect(roomLeft(counts, limit, now)).toBeGreaterThan(0);
        counts.set(minuteOf(now), (counts.get(minuteOf(now)) ?? 0) + 1);
      }
    }
  });

  it('waits an hour at most when the clock was set back by years', () => {
    const counts = new Map([[minuteOf(10 ** 13), 5]]);
    expect(roomAt(counts, 5, 10 ** 12)).toBeLessThanOrEqual(10 ** 12 + 61 * 60_000);
  });
});
