import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seen, withLuhn } from '../seen.js';

describe('payment-card', () => {
  it.each([
    ['Visa 4111 1111 1111 1111', [['4111 1111 1111 1111', 'high']]],
    ['4111-1111-1111-1111', [['4111-1111-1111-1111', 'high']]],
    ['3782 822463 10005', [['3782 822463 10005', 'high']]],
    ['charge card 5555555555554444', [['5555555555554444', 'high']]],
    ['see 5555555555554444', [['5555555555554444', 'medium']]],
    ['tracking 5555555555554444', [['5555555555554444', 'low']]],
    ['4 4111 1111 1111 1111', [['4111 1111 1111 1111', 'high']]],
    ['card 4111 1111 1111 1112', []],
    ['card 9111 1111 1111 1111', []],
    ['card 4444444444444444', []],
    ['ISBN 978-3-16-148410-0', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('payment-card', text)).toEqual(expected);
  });

  it('finds valid numbers, and none with another check digit', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('4', '51', '55', '2221', '6011', '65'),
        fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 15, maxLength: 15 }),
        fc.integer({ min: 1, max: 9 }),
        (prefix, digits, shift) => {
          const body = (prefix + digits.join('')).slice(0, 15);
          const valid = withLuhn(body);
          const flipped = body + ((Number(valid[15]) + shift) % 10);
          expect(seen('payment-card', `card ${valid}`)).toEqual([[valid, 'high']]);
          expect(seen('payment-card', `card ${flipped}`)).toEqual([]);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('card-security-code', () => {
  it.each([
    ['CVV: 123', [['123', 'medium']]],
    ['CVC2 4321', [['4321', 'medium']]],
    ['security code is 123', [['123', 'low']]],
    ['CVV: ___', []],
    ['CVV 12345', []],
  ] as const)('reads %j', (text, expected) => {
    expect(seen('card-security-code', text)).toEqual(expected);
  });
});
