import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emptyingLog } from '../../../src/store/empty-log.js';

const MINUTE = 60_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

function emptied(result: () => 'done' | 'hindered' | 'failed') {
  const tried: number[] = [];
  const told: (number | undefined)[] = [];
  const emptying = emptyingLog({
    empty() {
      tried.push(performance.now());
      return result();
    },
    tell: (minutes) => told.push(minutes === undefined ? undefined : Math.round(minutes / MINUTE)),
  });
  return { emptying, tried, told };
}

it('empties the log once for all that is destroyed in a few seconds, and says nothing', () => {
  const { emptying, tried, told } = emptied(() => 'done');
  for (let n = 0; n < 4; n++) {
    emptying.soon();
    vi.advanceTimersByTime(1000);
  }
  expect(tried).toHaveLength(0);
  vi.advanceTimersByTime(60 * MINUTE);
  expect(tried).toHaveLength(1);
  expect(told).toEqual([]);
});

it('goes on trying while somebody reads, says so when that is no backup any more, and when it is over', () => {
  let result: 'done' | 'hindered' = 'hindered';
  const { emptying, tried, told } = emptied(() => result);
  emptying.now();
  vi.advanceTimersByTime(9 * MINUTE);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(2 * MINUTE);
  expect(told).toEqual([10]);
  vi.advanceTimersByTime(60 * MINUTE);
  expect(told).toEqual([10, 70]);
  const times = tried.length;
  expect(times).toBeGreaterThan(800);
  result = 'done';
  vi.advanceTimersByTime(60 * MINUTE);
  expect(told).toEqual([10, 70, undefined]);
  expect(tried).toHaveLength(times + 1);
});

it.each(['failed', 'stopped'] as const)('tries no more when it has %s', (how) => {
  const { emptying, tried } = emptied(() => (how === 'failed' ? 'failed' : 'hindered'));
  emptying.now();
  if (how === 'stopped') emptying.stop();
  vi.advanceTimersByTime(60 * MINUTE);
  expect(tried).toHaveLength(1);
});
