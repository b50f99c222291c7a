import { expect, it } from 'vitest';
import { monthsKept, pruningResult } from '../../../src/audit/pruning.js';

it('prunes nothing that is kept for ever', () => {
  expect(monthsKept(72)).toBe(72);
  expect(() => monthsKept('forever')).toThrow(
    expect.objectContaining({ exitStatus: 2, message: expect.stringContaining('nothing is ever removed') }),
  );
});

it('tells what goes and what a hold keeps back', () => {
  const month = { month: '2019-01', events: 2, lastSeq: 2, lastHash: 'ab' };
  expect(pruningResult({ remove: [month], overdue: 0 })).toEqual({ removed: [month], overdue: 0 });
  expect(
    pruningResult({ remove: [], overdue: 3, heldBack: { month: '2019-01', holds: ['matter-1'] } }),
  ).toEqual({ removed: [], overdue: 3, heldBack: { month: '2019-01', holds: ['matter-1'] } });
});
