import { expect, it } from 'vitest';
import { healthState } from '../../../src/ops/health.js';

it('is running while the store answers, and tells why it is not', () => {
  const well = { hasFailed: false, isDraining: false, unansweredFor: 9_999 };
  expect(healthState(well)).toBe('running');
  expect(healthState({ ...well, unansweredFor: 10_000 })).toBe('store-hangs');
  expect(healthState({ ...well, unansweredFor: 10_000, isDraining: true })).toBe('draining');
  expect(healthState({ ...well, hasFailed: true, isDraining: true })).toBe('store-failed');
});
