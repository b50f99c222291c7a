import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inOrder, type Lane, mayStart } from '../../../src/shared/lanes.js';

const lane = (name: string, more: Partial<Lane> = {}): Lane => ({
  name,
  priority: 50,
  most: 100,
  reserved: 0,
  active: 0,
  ...more,
});

describe('lanes', () => {
  it('go by priority, then to whoever holds least', () => {
    const lanes = [
      lane('bulk', { priority: 10 }),
      lane('busy', { active: 3 }),
      lane('idle'),
      lane('clinical', { priority: 90, active: 9 }),
    ];
    expect(inOrder(lanes).map((one) => one.name)).toEqual(['clinical', 'idle', 'busy', 'bulk']);
  });

  it.each([
    ['a place is free', [lane('a')], 'a', 1, true],
    ['all places are taken', [lane('a', { active: 2 })], 'a', 2, false],
    ['it has its most', [lane('a', { active: 2, most: 2 })], 'a', 9, false],
    [
      'what is left is another’s reserve',
      [lane('a', { active: 7 }), lane('b', { reserved: 3 })],
      'a',
      10,
      false,
    ],
    [
      'the other uses its reserve',
      [lane('a', { active: 6 }), lane('b', { reserved: 3, active: 3 })],
      'a',
      10,
      true,
    ],
    ['it is its own reserve', [lane('a', { active: 7 }), lane('b', { reserved: 3 })], 'b', 10, true],
    [
      'reserves are more than there is',
      [lane('a', { reserved: 9 }), lane('b', { reserved: 9 })],
      'b',
      2,
      true,
    ],
    ['it is no lane', [lane('a')], 'c', 2, false],
  ])('when %s', (_, lanes, name, total, expected) => {
    expect(mayStart(name, lanes, total)).toBe(expected);
  });

  it('always leaves the reserve of whoever has nothing to do, and never more places in use than there are', () => {
    const some = fc.record({
      priority: fc.integer({ min: 0, max: 3 }),
      most: fc.integer({ min: 1, max: 12 }),
      reserved: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(
        fc.array(some, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat({ max: 3 })),
        (all, asked) => {
          const total = 12;
          let lanes = all.map((one, i) => lane(`l${i}`, one));
          for (const i of asked) {
            const name = `l${i % lanes.length}`;
            if (mayStart(name, lanes, total))
              lanes = lanes.map((one) => (one.name === name ? { ...one, active: one.active + 1 } : one));
          }
          expect(lanes.reduce((sum, one) => sum + one.active, 0)).toBeLessThanOrEqual(total);
          // Twelve reserved at most fit into eleven only where the least urgent gives way.
          const kept = lanes.reduce((sum, one) => sum + one.reserved, 0);
          if (kept < total)
            for (const one of lanes)
              if (one.reserved > 0 && one.active === 0) expect(mayStart(one.name, lanes, total)).toBe(true);
        },
      ),
      { numRuns: 200 },
    );
  });
});
