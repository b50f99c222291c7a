import { normalizeIP } from '@fastify/rate-limit';
import type { PortalAccount } from '../../model/portal-item.js';
import { foldAddress } from '../../shared/fold-address.js';
import { type Failures, FORGOTTEN_MS } from '../ways/locking.js';
import { createPasswords, type Passwords } from './passwords.js';
import { type ShortLived, shortLived } from './short-lived.js';

/** What the ways in keep beside the store: in memory, so that a restart only makes people start again. */
export interface Ways {
  readonly passwords: Passwords;
  /** Challenges for passkeys, by purpose and the token of the form that they were given with; each is used once. */
  readonly challenges: ShortLived<string>;
  /** TOTP secrets that wait for their first code, by session. */
  readonly secrets: ShortLived<string>;
  /** Codes sent to an address that was typed, by the token of the form; also for addresses without an account. */
  readonly codes: ShortLived<PendingCode>;
  /** Codes sent to an address lately. */
  readonly codesSent: ShortLived<number>;
  /** Wrong passwords for an account from one network, or from browsers that its owner is known to use. */
  readonly tries: ShortLived<Failures>;
  /** Wrong passwords for an account from all other browsers. */
  readonly triesOfAll: ShortLived<Failures>;
  /** Wrong secrets of a network lately. */
  readonly failures: ShortLived<number>;
}

export interface PendingCode {
  readonly recipient: string;
  /** Absent: nothing was sent, and nothing fits. */
  readonly codeHash?: Uint8Array;
  readonly failedTries: number;
}

const MOST = 10_000;
const MINUTE = 60_000;
/** Wrong passwords, codes and passphrases from one network within a quarter of an hour; then nothing is checked for it. */
export const MOST_FAILURES_OF_NETWORK = 50;

export async function createWays(codeLifetimeMs: number): Promise<Ways> {
  return {
    passwords: await createPasswords(),
    challenges: shortLived(MOST, 5 * MINUTE),
    secrets: shortLived(MOST, 15 * MINUTE),
    codes: shortLived(MOST, codeLifetimeMs),
    codesSent: shortLived(MOST, 60 * MINUTE),
    tries: shortLived(MOST, FORGOTTEN_MS),
    triesOfAll: shortLived(MOST, FORGOTTEN_MS),
    failures: shortLived(MOST, 15 * MINUTE),
  };
}

/** Counts a wrong secret against the network that it came from. */
export function countFailure({ failures }: Pick<Ways, 'failures'>, client: string, now: number): void {
  failures.change(normalizeIP(client), (before) => (before ?? 0) + 1, now);
}

/** Absent rows are written like this. */
export function newAccount(recipient: string, now: number): PortalAccount {
  return { recipient: foldAddress(recipient), createdAt: now, changedAt: now, failures: 0 };
}
