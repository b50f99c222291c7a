import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Reloadable } from '../reloadable.js';
import type { Clock } from '../shared/clock.js';
import type { MasterKey } from '../store/master-key.js';
import type { Closers } from './closers.js';
import type { RelayStore } from './store.js';
import type { StoreFailure } from './store-failure.js';

/** What everything in a running relay stands on. */
export interface RelayParts {
  readonly masterKey: MasterKey;
  readonly opened: RelayStore;
  readonly failure: StoreFailure;
  /** Gets what each part has to undo, as soon as it has begun. */
  readonly closers: Closers;
  readonly reloadable: Reloadable;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** How long running transactions and deliveries may take when the relay stops, in milliseconds. */
export const DRAIN_MS = 30_000;
