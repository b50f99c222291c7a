import { auditEvent } from '../audit/events.js';
import type { Config } from '../config/schema.js';
import type { Account } from '../model/account.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { AccountStore, AuditSink } from '../store/ports.js';
import { narrowGate, type PasswordCheck } from './password.js';
import { slidingCounter } from './rate.js';
import { type Refusal, refusal } from './reply.js';

interface LoginAttempt {
  readonly listener: string;
  readonly clientAddress: string;
  /** Whom the limit per client counts together. */
  readonly clientKey: string;
  readonly username: string;
  readonly password: string;
}

type LoginResult =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly refusal: Refusal };

export interface Login {
  /** The refusal of a client with too many failures, before it may try again. */
  blocked(clientKey: string): Refusal | undefined;
  attempt(attempt: LoginAttempt): Promise<LoginResult>;
}

const WRONG = refusal('auth', 535, '5.7.8', 'Wrong name or password');
const CLIENT_BLOCKED: Refusal = {
  ...refusal('limit', 421, '4.7.0', 'Too many failed log-ins from here, try again later'),
  close: true,
};
const ACCOUNT_BLOCKED = refusal('limit', 454, '4.7.0', 'Too many failed log-ins, try again later');
const TEMPORARY = refusal('auth', 454, '4.7.0', 'Log-in is not possible now, try again later');

/** Password checks at a time: each takes a thread of the pool that file system calls need too. */
const AT_A_TIME = 2;
const WAITING = 200;

/**
 * Checks log-ins against the accounts, with limits per client and per name (whether or not such an account exists).
 * A failure and a success are on record before the client learns of them; where that can't be, nobody logs in.
 */
export function loginChecker(deps: {
  readonly accounts: AccountStore;
  readonly audit: AuditSink;
  readonly passwords: PasswordCheck;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly limits: () => Config['login'];
  /** Names of identities: an account of the same name would be taken for it in policies and on record. */
  readonly reserved: (name: string) => boolean;
}): Login {
  const { accounts, audit, passwords, clock, log, metrics, limits } = deps;
  const byClient = slidingCounter(clock, () => limits().failures_per_client);
  const byName = slidingCounter(clock, () => limits().failures_per_account);
  const gate = narrowGate(AT_A_TIME, WAITING);

  const blocked = (clientKey: string) =>
    byClient.count(clientKey, limits().window) >= limits().failures_per_client ? CLIENT_BLOCKED : undefined;

  const tooMany = ({ clientKey, username }: LoginAttempt): Refusal | undefined =>
    blocked(clientKey) ??
    (byName.count(username, limits().window) >= limits().failures_per_account ? ACCOUNT_BLOCKED : undefined);

  const judge = async (attempt: LoginAttempt, account: Account | undefined): Promise<LoginResult> => {
    // Asked again here, because many attempts may have waited at the gate together.
    const over = tooMany(attempt);
    if (over !== undefined) return { ok: false, refusal: over };
    const right = await passwords.check(account, attempt.password);
    if (right && account !== undefined && !account.disabled && !deps.reserved(account.name))
      return { ok: true, account };
    byClient.add(attempt.clientKey);
    byName.add(attempt.username);
    const reason =
      account === undefined
        ? 'no such account'
        : account.disabled
          ? 'account disabled'
          : right
            ? 'account has the name of an identity'
            : 'wrong password';
    metrics.refused.inc({ listener: attempt.listener, stage: 'auth' });
    await audit.record([
      auditEvent('login.failed', {
        listener: attempt.listener,
        clientAddress: attempt.clientAddress,
        ...(account === undefined ? {} : { account: account.name }),
        reason,
      }),
    ]);
    return { ok: false, refusal: WRONG };
  };

  return {
    blocked,
    async attempt(attempt) {
      try {
        const plausible = attempt.username.length <= 256 && attempt.password.length <= 1024;
        // Also before what is remembered is asked: guesses at a name that is shut out must not be answered at all.
        const over = tooMany(attempt);
        if (over !== undefined) return { ok: false, refusal: over };
        const account = plausible ? await accounts.account(attempt.username) : undefined;
        const known =
          account !== undefined &&
          !account.disabled &&
          !deps.reserved(account.name) &&
          passwords.remembered(account, attempt.password);
        const result: LoginResult = known
          ? { ok: true, account }
          : ((await gate(() => judge(attempt, account))) ?? { ok: false, refusal: TEMPORARY });
        if (result.ok) {
          await audit.record([
            auditEvent('login.succeeded', {
              listener: attempt.listener,
              clientAddress: attempt.clientAddress,
              account: result.account.name,
            }),
          ]);
        }
        return result;
      } catch {
        // The account store, a stored hash or the record failed: nobody logs in on a guess.
        metrics.storeFailures.inc();
        log.error({ listener: attempt.listener }, 'a log-in could not be checked or recorded');
        return { ok: false, refusal: TEMPORARY };
      }
    },
  };
}
