import type { PortalAccount } from '../../model/portal-item.js';

/** So many failures lock nothing yet. */
const FREE_FAILURES = 4;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;

/** Whether nothing is checked now: neither password nor second factor. */
export function isLocked(account: Pick<PortalAccount, 'lockedUntil'>, now: number): boolean {
  return account.lockedUntil !== undefined && now < account.lockedUntil;
}

/**
 * The account after one more wrong password or second factor: from the fifth on it is locked, for one minute, then
 * twice as long each time, at most an hour. That leaves some thirty guesses a day, and nobody locked out for long.
 */
export function afterFailure(account: PortalAccount, now: number): PortalAccount {
  const failures = account.failures + 1;
  const beyond = failures - FREE_FAILURES;
  if (beyond <= 0) return { ...account, failures };
  const lock = Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(beyond - 1, 20));
  return { ...account, failures, lockedUntil: now + lock };
}

/** The account without failures. */
export function unlocked({ lockedUntil: _, ...account }: PortalAccount): PortalAccount {
  return { ...account, failures: 0 };
}
