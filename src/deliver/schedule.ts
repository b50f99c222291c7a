import type { Config } from '../config/schema.js';

/**
 * Wait after the n-th attempt (from 1), in milliseconds: doubling from `first_retry` to `max_retry`, with a fifth of
 * jitter either way, so that a peer that comes back isn't met by everybody at once.
 */
export function retryDelay(
  attempt: number,
  delivery: Pick<Config['delivery'], 'first_retry' | 'max_retry'>,
  random: () => number,
): number {
  const doubled = delivery.first_retry * 2 ** Math.min(30, Math.max(0, attempt - 1));
  const jitter = 0.8 + 0.4 * random();
  return Math.max(1, Math.round(Math.min(delivery.max_retry, doubled) * jitter));
}
