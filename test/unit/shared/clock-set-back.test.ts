import { expect, it } from 'vitest';
import { clockSetBack } from '../../../src/shared/clock-set-back.js';

it('tells once of a clock that was set back far, and not of one that is corrected, set forward or asked late', () => {
  let [now, passed] = [1_800_000_000_000, 5];
  const wasSetBack = clockSetBack({ now: () => now }, () => passed);
  const go = (clock: number, really: number) => {
    now += clock;
    passed += really;
    return wasSetBack();
  };
  expect(go(0, 0)).toBe(false);
  expect(go(3_600_000, 3_600_000)).toBe(false);
  expect(go(-5000, 0)).toBe(false);
  expect(go(86_400_000, 1000)).toBe(false);
  expect(go(-86_400_000, 1000)).toBe(true);
  expect(go(1000, 1000)).toBe(false);
  // Set back by less than has passed since it was asked.
  expect(go(10_000, 120_000)).toBe(true);
});
