import type { LoadedConfig } from '../config/load.js';
import { allStreams } from '../config/streams.js';
import type { QueueStore } from '../store/ports.js';
import type { Metrics } from './metrics.js';

/** Brings the gauges of waiting recipients up to date, by state and by stream. */
export async function refreshGauges(
  metrics: Pick<Metrics, 'recipients' | 'streams'>,
  queue: Pick<QueueStore, 'counts' | 'pendingByStream'>,
  loaded: () => LoadedConfig,
): Promise<void> {
  for (const [state, count] of Object.entries(await queue.counts())) metrics.recipients.set({ state }, count);
  const waiting = new Map((await queue.pendingByStream()).map((one) => [one.stream, one]));
  // Streams that are gone must not go on showing what they last had.
  metrics.streams.reset();
  for (const stream of new Set([...allStreams(loaded().config).map((one) => one.name), ...waiting.keys()])) {
    const { pending = 0, throttled = 0 } = waiting.get(stream) ?? {};
    metrics.streams.set({ stream, which: 'pending' }, pending);
    metrics.streams.set({ stream, which: 'throttled' }, throttled);
  }
}
