import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Account } from '../model/account.js';
import type { Clock } from '../shared/clock.js';

/** Checks passwords with argon2id, taking the same time whether or not there is such an account. */
export interface PasswordCheck {
  /** Whether this password was found right a short time ago, for the account as it now is. */
  remembered(account: Account, password: string): boolean;
  /**
   * Whether the password is the account's. Without an account the work is done all the same, on a password that
   * nobody knows.
   * @throws an error when a stored hash can't be read
   */
  check(account: Account | undefined, password: string): Promise<boolean>;
}

const MAX_REMEMBERED = 1000;

interface Remembered {
  readonly code: Buffer;
  readonly since: number;
}

/**
 * Remembers right credentials for a short time, as a keyed hash in memory: argon2id takes tens of milliseconds, and some
 * clients log in for each message. The account's own hash is part of it, and the account is read from the store for each
 * log-in, so whoever changes a password or disables an account, in whatever process, ends what is remembered of it.
 * @param remember milliseconds; 0 remembers nothing. Asked each time, because a reload may change it
 */
export async function passwordCheck(clock: Clock, remember: () => number): Promise<PasswordCheck> {
  const nobody = await hash(randomBytes(32));
  const secret = randomBytes(32);
  /** By account name, oldest first. */
  const known = new Map<string, Remembered>();
  const codeOf = (account: Account, password: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([account.name, account.passwordHash, password]))
      .digest();
  // A clock that was set back must not make anything last longer.
  const isFresh = ({ since }: Remembered) => clock.now() >= since && clock.now() < since + remember();
  return {
    remembered(account, password) {
      const entry = known.get(account.name);
      if (entry === undefined) return false;
      if (account.disabled || !isFresh(entry)) {
        known.delete(account.name);
        return false;
      }
      return timingSafeEqual(entry.code, codeOf(account, password));
    },
    async check(account, password) {
      const right = await verify(account?.passwordHash ?? nobody, password);
      if (account === undefined || !right) return false;
      if (remember() === 0 || account.disabled) return true;
      known.delete(account.name);
      known.set(account.name, { code: codeOf(account, password), since: clock.now() });
      for (const [name, entry] of known) {
        if (known.size <= MAX_REMEMBERED && isFresh(entry)) break;
        known.delete(name);
      }
      return true;
    },
  };
}

/** Lets `width` jobs run at a time and `waiting` more wait; undefined at once for those beyond. */
export function narrowGate(
  width: number,
  waiting: number,
): <T>(job: () => Promise<T>) => Promise<T | undefined> {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (job) => {
    if (running >= width) {
      if (queue.length >= waiting) return undefined;
      // Whoever ends hands its place over, so `running` stays as it is.
      await new Promise<void>((resolve) => queue.push(resolve));
    } else running++;
    try {
      return await job();
    } finally {
      const next = queue.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
