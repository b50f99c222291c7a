import type { LoadedConfig } from '../config/load.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Clock } from '../shared/clock.js';
import type { AccountStore, BodyStore, QueueStore } from '../store/ports.js';
import type { Login } from './login.js';
import type { RecordRefusal } from './refusals.js';
import type { ListenerSettings } from './settings.js';

/** What the sessions of one listener work with. Settings are asked for each time, because a reload replaces them. */
export interface ListenerContext {
  readonly name: string;
  readonly settings: () => ListenerSettings;
  readonly loaded: () => LoadedConfig;
  readonly queue: Pick<QueueStore, 'insert' | 'recipients'>;
  /** Key of the field by which our own mail is known when it comes back. */
  readonly loopKey: Uint8Array;
  readonly bodies: BodyStore;
  readonly accounts: AccountStore;
  readonly login: Login;
  /** Names that no account may have: it would be taken for somebody else in policies and on record. */
  readonly reserved: (name: string) => boolean;
  readonly recordRefusal: RecordRefusal;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Bytes free on the data directory's file system. */
  readonly freeSpace: () => Promise<number>;
  /** Messages of the last hour, by identity. */
  readonly hourly: { count(key: string): number; add(key: string): void };
  readonly onAccepted: (messageId: string, stream: string, identity: string) => void;
  readonly storeFailed: () => boolean;
  readonly draining: () => boolean;
}
