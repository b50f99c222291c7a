import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { atLeastAsStrict, join, joinAll, NO_DEMAND } from '../../../src/decide/lattice.js';
import { demand } from './arbitrary.js';

describe('the join of demands', () => {
  const holds = <T>(property: fc.IProperty<T>) => fc.assert(property, { numRuns: 200 });

  it('is associative', () => {
    holds(
      fc.property(demand, demand, demand, (a, b, c) => {
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)));
      }),
    );
  });

  it('is commutative and idempotent, and demanding nothing changes nothing', () => {
    holds(
      fc.property(demand, demand, (a, b) => {
        expect(join(a, b)).toEqual(join(b, a));
        expect(join(a, a)).toEqual(a);
        expect(join(a, NO_DEMAND)).toEqual(a);
      }),
    );
  });

  it('is at least as strict as both, and grows when either grows', () => {
    holds(
      fc.property(demand, demand, demand, (a, b, more) => {
        expect(atLeastAsStrict(join(a, b), a)).toBe(true);
        expect(atLeastAsStrict(join(join(a, more), b), join(a, b))).toBe(true);
      }),
    );
  });

  it('is the mildest of all demands that are as strict as both', () => {
    holds(
      fc.property(demand, demand, demand, (a, b, other) => {
        const bound = joinAll([a, b, other]);
        expect(atLeastAsStrict(bound, join(a, b))).toBe(true);
      }),
    );
  });

  it('asks for two people where one demand does', () => {
    const two = { ...NO_DEMAND, release: 'two-person' as const };
    expect(joinAll([NO_DEMAND, two, NO_DEMAND]).release).toBe('two-person');
    expect(joinAll([NO_DEMAND, NO_DEMAND])).not.toHaveProperty('release');
    expect(atLeastAsStrict(NO_DEMAND, two)).toBe(false);
    expect(atLeastAsStrict(two, NO_DEMAND)).toBe(true);
  });

  it('holds a message that no method may carry', () => {
    const pgp = { ...NO_DEMAND, methods: ['pgp'] as const };
    const portal = { ...NO_DEMAND, methods: ['portal'] as const };
    expect(join(pgp, portal)).toMatchObject({ methods: [], disposition: 'hold' });
    expect(join({ ...pgp, disposition: 'reject' }, portal)).toMatchObject({ disposition: 'reject' });
  });
});
