import { describe, expect, it } from 'vitest';
import { isAnyUncovered } from '../../../../src/protect/rewrite/uncovered.js';
import { watchProcessor } from '../../../support/processor-time.js';

describe('what masks leave of a value', () => {
  it.each([
    ['4821377', ['4821']],
    ['4821377', ['1377']],
    ['Jane Roe-Fenn', ['Jane']],
    ['jane xyzzyrova', ['x', 'Jane']],
    ['536-90-4399', ['536-90']],
    ['Jane Roe', ['Ja', 'Ro']],
    ['Jane\nRoe', ['Jane']],
    ['4821377', ['99', '4', 'Roe']],
  ])('%s, of which %j was', (value, masked) => {
    expect(isAnyUncovered([value], masked)).toBe(true);
  });

  it.each([
    ['4821377', ['MRN 48-213', '77']],
    ['Ng, Kah W', ['Ng, Kah Wei']],
    ['JANE ROE', ['Jane', 'Roe']],
    ['536-90-4399', ['536904399']],
    ['536-90-4399', ['５３６-９０-４３９９']],
    ['Name: Jane Roe; DOB: 3/4/50', ['Jane Roe', '3/4/50']],
    ['4821377', []],
  ])('not %s, of which %j was', (value, masked) => {
    expect(isAnyUncovered([value], masked)).toBe(false);
  });

  it('counts as one where there are too many to compare, and takes no long time', () => {
    const masked = Array.from({ length: 100_000 }, (_, n) => String(5_000_000 + n));
    const work = watchProcessor();
    expect(isAnyUncovered(masked.slice(0, 50_000), masked)).toBe(false);
    const others = Array.from({ length: 50_000 }, (_, n) => `x${'y'.repeat(40)}${n}`);
    expect(isAnyUncovered(others, masked)).toBe(true);
    work.expectBelow(5_000);
  });
});
