import { describe, expect, it } from 'vitest';
import { syncsAtOnce } from '../../../src/store/syncs-at-once.js';

const ALONE = 10;

/** One after the other of which every second begins while the one before has `left` to go, where two may run. */
function disk(oneBehindTheOther: boolean) {
  const syncs = syncsAtOnce();
  const pair = (left: number) => {
    syncs.took(ALONE, 0);
    if (syncs.most() === 1) syncs.took(ALONE, 0);
    else syncs.took(ALONE + (oneBehindTheOther ? left : 0), left);
  };
  return { syncs, pair };
}

it('runs two at once where the disk does them in the time of one', () => {
  const { syncs, pair } = disk(false);
  for (const left of [9, 1, 5])
    for (let n = 0; n < 500; n++) {
      pair(left);
      expect(syncs.most()).toBe(2);
    }
});

it.for([9, 5, 3])('runs mostly one at a time where the disk does (%i ms left)', (left) => {
  const { syncs, pair } = disk(true);
  const most: number[] = [];
  for (let n = 0; n < 1000; n++) {
    pair(left);
    most.push(syncs.most());
  }
  const single = most.filter((one) => one === 1).length;
  expect(single).toBeGreaterThan(800);
  expect(single).toBeLessThan(1000);
});

it('runs two at once as before when the disk was slow for one of them', () => {
  const { syncs, pair } = disk(false);
  for (let n = 0; n < 20; n++) pair(8);
  syncs.took(22, 8);
  expect(syncs.most()).toBe(2);
});

it('sees that another disk does them at once, and how long it takes', () => {
  const { syncs, pair } = disk(true);
  for (let n = 0; n < 100; n++) pair(8);
  for (let n = 0; n < 200; n++) syncs.took(30, syncs.most() === 1 ? 0 : 25);
  expect(syncs.most()).toBe(2);
});

describe('under a load that never ends, with which one begins always beside another', () => {
  /** How many of so many syncs were begun with none beside them. */
  function loaded(took: number, count: number) {
    const syncs = syncsAtOnce();
    // The disk stalled as the only one was seen that ever ran alone.
    syncs.took(5000, 0);
    let single = 0;
    for (let n = 0; n < count; n++) {
      const isBeside = syncs.most() > 1;
      if (!isBeside) single++;
      syncs.took(isBeside ? took : ALONE, isBeside ? ALONE : 0);
    }
    return single;
  }

  it('sees in time that the disk does them one behind the other, though it stalled once', () => {
    expect(loaded(20, 1000)).toBeGreaterThan(750);
  });

  it('looks so seldom that it takes nothing from a disk that does two at once', () => {
    expect(loaded(11, 1000)).toBeLessThan(25);
  });
});
