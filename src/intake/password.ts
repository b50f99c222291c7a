import { createHmac, randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import type { Account } from '../model/account.js';
import type { Clock } from '../shared/clock.js';

/** Checks passwords with argon2id, taking the same time whether or not there is such an account. */
export interface PasswordCheck {
  /** Whether these credentials were found right within the last minute, with the account as it now is. */
  remembered(account: Account, password: string): boolean;
  /**
   * Whether the password is the account's. Without an account the work is done all the same, on a password that
   * nobody knows.
   * @throws an error when a stored hash can't be read
   */
  check(account: Account | undefined, password: string): Promise<boolean>;
}

const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1000;

/**
 * Remembers right credentials for a minute, as a keyed hash in memory: argon2id takes tens of milliseconds, and some
 * clients log in for each message. The account's hash is part of it, so a new password is a new key.
 */
export async function passwordCheck(clock: Clock): Promise<PasswordCheck> {
  const nobody = await hash(randomBytes(32));
  const secret = randomBytes(32);
  const known = new Map<string, number>();
  const keyOf = (account: Account, password: string) =>
    createHmac('sha256', secret)
      .update(JSON.stringify([account.name, account.passwordHash, password]))
      .digest('hex');
  return {
    remembered(account, password) {
      const until = known.get(keyOf(account, password));
      return until !== undefined && clock.now() < until && clock.now() >= until - REMEMBER_MS;
    },
    async check(account, password) {
      const right = await verify(account?.passwordHash ?? nobody, password);
      if (account === undefined || !right) return false;
      known.set(keyOf(account, password), clock.now() + REMEMBER_MS);
      if (known.size > MAX_REMEMBERED) known.delete(known.keys().next().value ?? '');
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
