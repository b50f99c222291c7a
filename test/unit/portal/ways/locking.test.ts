import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PortalAccount } from '../../../../src/model/portal-item.js';
import { afterFailure, isLocked, unlocked } from '../../../../src/portal/ways/locking.js';

const ACCOUNT: PortalAccount = { recipient: 'ana@x.example', createdAt: 0, changedAt: 0, failures: 0 };
const MINUTE = 60_000;

describe('locking an account', () => {
  it.each([
    [1, 0],
    [4, 0],
    [5, MINUTE],
    [6, 2 * MINUTE],
    [10, 32 * MINUTE],
    [11, 60 * MINUTE],
    [5000, 60 * MINUTE],
  ])('after %i failures for %i ms', (failures, lock) => {
    const account = afterFailure({ ...ACCOUNT, failures: failures - 1 }, 1000);
    expect(account.failures).toBe(failures);
    expect(isLocked(account, 1000)).toBe(lock > 0);
    if (lock > 0) expect([account.lockedUntil, isLocked(account, 1000 + lock)]).toEqual([1000 + lock, false]);
  });

  it('leaves no more than thirty guesses a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 3_600_000 }), (pause) => {
        let account = ACCOUNT;
        let guesses = 0;
        for (let now = 0; now < 86_400_000; now = Math.max(now + pause, account.lockedUntil ?? now)) {
          account = afterFailure(account, now);
          guesses++;
        }
        expect(guesses).toBeLessThanOrEqual(34);
      }),
      { numRuns: 100 },
    );
  });

  it('is forgotten after a day without failures', () => {
    const seven = { ...ACCOUNT, failures: 7, lockedUntil: 1000 };
    expect(afterFailure(seven, 1000 + 86_399_999).failures).toBe(8);
    expect(afterFailure(seven, 1000 + 86_400_000).failures).toBe(1);
  });

  it('is forgotten with a success', () => {
    expect(unlocked({ ...ACCOUNT, failures: 7, lockedUntil: 5 })).toEqual(ACCOUNT);
  });
});
