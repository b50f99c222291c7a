import type { PortalAccount } from '../../model/portal-item.js';

/** Failures of one kind, of one account. */
export interface Failures {
  readonly failures: number;
  /** Until then nothing is checked; where it is over, or never began, the time of the last failure or lock. */
  readonly lockedUntil?: number;
}

/** So many failures lock nothing yet: of one network, or of second factors. */
export const FREE_FAILURES = 4;
/** Wrong passwords for one account from all networks together, likewise: one guesser elsewhere locks nobody out. */
export const FREE_FAILURES_OF_ALL = 50;
/** Failures are forgotten when none came for so long. */
export const FORGOTTEN_MS = 86_400_000;
const FIRST_LOCK_MS = 60_000;
const LONGEST_LOCK_MS = 3_600_000;

/** Whether nothing is checked now. */
export function isLocked(account: Pick<Failures, 'lockedUntil'>, now: number): boolean {
  return account.lockedUntil !== undefined && now < account.lockedUntil;
}

/**
 * What failed, after one more wrong password or second factor: from the fifth on it is locked, for one minute, then twice
 * as long each time, at most an hour. That leaves some thirty guesses a day, and nobody locked out for long.
 */
export function afterFailure<T extends Failures>(before: T, now: number, free = FREE_FAILURES): T {
  const forgotten = before.lockedUntil !== undefined && now - before.lockedUntil >= FORGOTTEN_MS;
  const failures = (forgotten ? 0 : before.failures) + 1;
  const beyond = failures - free;
  const lock = beyond <= 0 ? 0 : Math.min(LONGEST_LOCK_MS, FIRST_LOCK_MS * 2 ** Math.min(beyond - 1, 20));
  return { ...before, failures, lockedUntil: now + lock };
}

/** The account without failures. */
export function unlocked({ lockedUntil: _, ...account }: PortalAccount): PortalAccount {
  return { ...account, failures: 0 };
}
