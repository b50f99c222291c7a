import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { QueueStore } from '../store/ports.js';
import { retryDelay } from './schedule.js';
import { afterWaiting, throttledAttempt } from './throttles.js';

export interface BeginDeps {
  readonly loaded: () => LoadedConfig;
  readonly queue: Pick<QueueStore, 'recipients' | 'beginAttempt' | 'beginThrottled' | 'apply'>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: Pick<Metrics, 'throttled'>;
}

/** An attempt that is about to begin. */
export interface Beginning {
  /** Whether it counts towards a throttle, or waited for one. */
  readonly counted: boolean;
  /** Commits it, as far as throttles let it; gives the rows as they were before, without those that ended meanwhile. */
  commit(): Promise<readonly StoredRecipient[]>;
}

export function beginning(
  deps: BeginDeps,
  message: StoredMessage,
  wanted: readonly StoredRecipient[],
  isSent: (recipient: StoredRecipient) => boolean,
): Beginning {
  const attemptAt = (now: number) => attemptBy(deps, message, wanted, now, isSent);
  const { again, within } = attemptAt(deps.clock.now());
  if (within === undefined)
    return {
      counted: false,
      async commit() {
        const keys = wanted.map((one) => ({ messageId: one.messageId, index: one.index }));
        const begun = await deps.queue.beginAttempt(keys, again);
        return wanted.filter((one) => begun.some((key) => key.index === one.index));
      },
    };
  return {
    counted: true,
    async commit() {
      // Counted when it begins, which may be some time after it was to.
      const now = deps.clock.now();
      const { begun, waiting } = await deps.queue.beginThrottled(attemptAt(now).within ?? within);
      for (const { counter } of waiting) deps.metrics.throttled.inc({ by: counter.split(' ')[0] ?? '' });
      return wanted.flatMap((one) => {
        if (!begun.some((key) => key.index === one.index)) return [];
        const { throttledSince, throttledBy, ...row } = one;
        return [{ ...row, ...afterWaiting(message, one, now) }];
      });
    },
  };
}

/** When the next attempt is, and what throttles have to do with this one; undefined: nothing. */
function attemptBy(
  deps: Pick<BeginDeps, 'loaded' | 'random'>,
  message: StoredMessage,
  wanted: readonly StoredRecipient[],
  now: number,
  isSent: (recipient: StoredRecipient) => boolean,
) {
  const { config } = deps.loaded();
  const attempts = Math.max(...wanted.map((one) => one.attempts + 1));
  const again = now + retryDelay(attempts, config.delivery, deps.random);
  return { again, within: throttledAttempt(config, message, wanted, again, now, isSent) };
}

/**
 * When the next attempt is, where this one begins with another commit, which sees to the suppression list itself; undefined
 * where it can't, because a throttle counts it.
 */
export function nextAfterThis(
  deps: Pick<BeginDeps, 'loaded' | 'random' | 'clock'>,
  message: StoredMessage,
  rows: readonly StoredRecipient[],
): number | undefined {
  const { again, within } = attemptBy(deps, message, rows, deps.clock.now(), () => true);
  return within === undefined ? again : undefined;
}

/** As if the attempt had never begun. What a person did meanwhile stays. */
export async function giveBack(deps: BeginDeps, rows: readonly StoredRecipient[]): Promise<void> {
  const now = deps.clock.now();
  await deps.queue.apply(
    {
      recipients: rows.map(({ messageId, index, attempts, nextAttemptAt }) => ({
        key: { messageId, index },
        from: ['pending'],
        set: { attempts, nextAttemptAt: Math.min(now, nextAttemptAt ?? now) },
      })),
    },
    [],
  );
}

/** Those of the rows that are as their attempt left them when it began, read anew; a person has ended the others. */
export async function asBegun(
  deps: BeginDeps,
  rows: readonly StoredRecipient[],
): Promise<readonly StoredRecipient[]> {
  const now = await deps.queue.recipients(rows[0]?.messageId ?? '');
  return rows.filter((row) =>
    now.some(
      (one) =>
        one.index === row.index &&
        one.state === 'pending' &&
        one.method === row.method &&
        one.attempts === row.attempts + 1,
    ),
  );
}
