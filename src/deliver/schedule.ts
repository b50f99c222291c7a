import type { Config } from '../config/schema.js';

const LEAST_JITTER = 0.8;
const MOST_JITTER = 1.2;

/** No wait that `retryDelay` gives is longer, in milliseconds. */
export function longestDelay({ max_retry }: Pick<Config['delivery'], 'max_retry'>): number {
  return Math.ceil(max_retry * MOST_JITTER);
}

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
  const jitter = LEAST_JITTER + (MOST_JITTER - LEAST_JITTER) * random();
  return Math.max(1, Math.round(Math.min(delivery.max_retry, doubled) * jitter));
}
