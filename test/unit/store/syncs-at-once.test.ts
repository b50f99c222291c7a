import { describe, expect, it } from 'vitest';
import { syncsAtOnce } from '../../../src/store/syncs-at-once.js';

/** A sync beside another one begins with it. */
function disk(alone: number, beside: number) {
  const syncs = syncsAtOnce();
  const pair = () => {
    syncs.took(alone, false);
    syncs.took(syncs.most() > 1 ? beside : alone, syncs.most() > 1);
  };
  return { syncs, pair };
}

it('runs two at once where the disk does them in the time of one', () => {
  const { syncs, pair } = disk(10, 11);
  expect(syncs.most()).toBe(2);
  for (let n = 0; n < 500; n++) {
    pair();
    expect(syncs.most()).toBe(2);
  }
});

it('runs one at a time where the disk does them one behind the other, and looks now and then', () => {
  const { syncs, pair } = disk(10, 20);
  const most: number[] = [];
  for (let n = 0; n < 500; n++) {
    pair();
    most.push(syncs.most());
  }
  const single = most.filter((one) => one === 1).length;
  expect(single).toBeGreaterThan(450);
  expect(single).toBeLessThan(500);
});

it('runs two at once as before when the disk was slow for one of them', () => {
  const { syncs, pair } = disk(10, 11);
  for (let n = 0; n < 20; n++) pair();
  syncs.took(25, true);
  expect(syncs.most()).toBe(2);
});

it('sees that another disk does them at once', () => {
  const slow = disk(10, 20);
  for (let n = 0; n < 100; n++) slow.pair();
  for (let n = 0; n < 200; n++) slow.syncs.took(10, slow.syncs.most() > 1);
  expect(slow.syncs.most()).toBe(2);
});

describe('under a load that never ends, with which one begins always beside another', () => {
  /** How many of so many syncs were begun with none beside them. */
  function loaded(beside: number, count: number) {
    const syncs = syncsAtOnce();
    // The disk stalled as the only one was seen that ever ran alone.
    syncs.took(5000, false);
    let single = 0;
    for (let n = 0; n < count; n++) {
      const isBeside = syncs.most() > 1;
      if (!isBeside) single++;
      syncs.took(isBeside ? beside : 10, isBeside);
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
