import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPlaces } from '../../../src/deliver/places.js';
import { createWaitingJobs } from '../../../src/deliver/waiting-jobs.js';
import { loadedConfig, tableResolver } from './harness.js';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const { config } = loadedConfig({
  port: 25,
  resolver: tableResolver({}),
  delivery: ['connections_per_destination: 1'],
});

/** One place, behind which two may be ahead. */
function world() {
  const waiting = createWaitingJobs();
  let freed = 0;
  const places = createPlaces(
    waiting,
    () => config,
    () => {
      freed += 1;
    },
  );
  let serial = 0;
  const begin = () => {
    serial += 1;
    const row = { index: 0, address: 'a@a.test', domain: 'a.test', state: 'pending', attempts: 0 } as const;
    const messageId = `m${serial}`;
    waiting.add('default', [{ messageId, destination: 'mx:a.test', recipients: [{ messageId, ...row }] }]);
    const begun = waiting.begin(config);
    if (begun === undefined) throw new Error('nothing may begin');
    return { ...places.of(begun), end: () => waiting.ended(begun) };
  };
  return { places, begin, freed: () => freed };
}

/** With so many quick attempts before it: the first of those that hold the place, and two ahead of it. */
async function busy() {
  const { begin, ...rest } = world();
  let holder = begin();
  await holder.take();
  for (let n = 0; n < 2; n++) {
    holder.free();
    const next = begin();
    await next.take();
    holder.end();
    holder = next;
  }
  return { holder, begin, ...rest };
}

describe('a place', () => {
  it('that is free is taken without a wait, and once', async () => {
    const { begin } = world();
    const place = begin();
    const taken = await place.take();
    expect(taken).toEqual({ kind: 'taken' });
    expect(await place.take()).toBe(taken);
  });

  it('goes to the first in line when it is given back', async () => {
    const { holder, begin, freed } = await busy();
    const first = begin();
    const second = begin();
    const order: string[] = [];
    const waits = [first, second].map(async (one, i) => {
      const taken = await one.take();
      order.push(`${i} ${taken.kind}`);
      return taken;
    });
    await vi.advanceTimersByTimeAsync(300);
    expect(order).toEqual([]);
    const before = freed();
    holder.free();
    holder.free();
    expect(await waits[0]).toEqual({ kind: 'taken', waited: 300 });
    expect(order).toEqual(['0 taken']);
    expect(freed()).toBe(before + 1);
    first.free();
    await waits[1];
    expect(order).toEqual(['0 taken', '1 taken']);
  });

  it('is given back when all connections of the job are closed, not before', async () => {
    const { holder, begin } = await busy();
    const next = begin();
    const done: string[] = [];
    void next.take().then(() => done.push('next'));
    const closes: (() => void)[] = [];
    for (let n = 0; n < 2; n++)
      holder.closing(
        new Promise((resolve) => {
          closes.push(resolve);
        }),
      );
    void holder.closed().then(() => done.push('closed'));
    void holder.free().then(() => done.push('free'));
    await vi.advanceTimersByTimeAsync(10);
    closes[1]?.();
    await vi.advanceTimersByTimeAsync(10);
    expect(done).toEqual([]);
    closes[0]?.();
    await holder.free();
    await vi.advanceTimersByTimeAsync(0);
    expect(done.toSorted()).toEqual(['closed', 'free', 'next']);
  });

  it('is waited for no longer than a second', async () => {
    const { holder, begin } = await busy();
    const place = begin();
    const taken = place.take();
    await vi.advanceTimersByTimeAsync(999);
    let ended = false;
    void taken.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(await taken).toEqual({ kind: 'none' });
    // Neither the place that comes too late is its, nor another one's lost.
    holder.free();
    expect(await place.take()).toEqual({ kind: 'none' });
    place.end();
    expect(await begin().take()).toMatchObject({ kind: 'taken' });
  });

  it('is nobody\u2019s any more after closing who waits for it; who has it keeps it', async () => {
    const { holder, begin, places } = await busy();
    const early = begin();
    const late = begin();
    const waits = early.take();
    places.close();
    expect(await waits).toEqual({ kind: 'none' });
    expect(await late.take()).toEqual({ kind: 'none' });
    expect(await holder.take()).toMatchObject({ kind: 'taken' });
  });
});
