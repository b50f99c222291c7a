import { describe, expect, it } from 'vitest';
import { regression } from '../../../../scripts/care-model/regression.js';

const example = (isCare: boolean, ...features: string[]) => ({ isCare, features: new Set(features) });

describe('the regression behind the care model', () => {
  const examples = [
    ...Array.from({ length: 20 }, () => example(true, 'cough', 'the')),
    ...Array.from({ length: 20 }, () => example(false, 'budget', 'the')),
  ];

  it('weighs what parts the two kinds, and not what both have', () => {
    const { weights } = regression(examples);
    expect(weights.get('cough')).toBeGreaterThan(1);
    expect(weights.get('budget')).toBeLessThan(-1);
    expect(Math.abs(weights.get('the') ?? Number.NaN)).toBeLessThan(0.01);
  });

  it('puts the odds of a feature where the examples have them', () => {
    // Three of four with the one feature are of care, one of four with the other; the penalty is small beside so many.
    const uneven = Array.from({ length: 4_000 }, (_, i) =>
      i % 2 === 0 ? example(i % 8 !== 0, 'seen') : example(i % 8 === 1, 'other'),
    );
    const { bias, weights } = regression(uneven);
    expect(bias + (weights.get('seen') ?? 0)).toBeCloseTo(Math.log(3), 1);
    expect(bias + (weights.get('other') ?? 0)).toBeCloseTo(-Math.log(3), 1);
  });

  it('gives the same weights for the same examples', () => {
    expect(regression(examples)).toEqual(regression(examples));
  });
});
