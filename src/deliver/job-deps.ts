import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage } from '../model/message.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Protect } from '../protect/types.js';
import type { Clock } from '../shared/clock.js';
import type { BodyStore, PortalStore, QueueStore, SuppressionStore } from '../store/ports.js';
import type { WatchMessage } from '../store/watched-messages.js';
import type { PlaceInPortal } from './place-in-portal.js';
import type { TransportDeps } from './transport.js';
import type { UnwrittenTls } from './unwritten-tls.js';

/** What an attempt needs. */
export interface JobDeps {
  readonly loaded: () => LoadedConfig;
  readonly queue: Pick<
    QueueStore,
    'message' | 'recipients' | 'tellingOfItem' | 'beginAttempt' | 'beginThrottled' | 'apply'
  >;
  /** A message that was decided a moment ago, given once; undefined: it is to be read. */
  readonly fresh: (id: string) => StoredMessage | undefined;
  readonly suppressions: Pick<SuppressionStore, 'suppressed'>;
  /** From now on, what is asked to be changed of recipients. */
  readonly watch: WatchMessage;
  readonly portalItems: Pick<PortalStore, 'item'>;
  readonly tlsMemory: UnwrittenTls;
  readonly bodies: Pick<BodyStore, 'seal' | 'open' | 'remove'>;
  readonly protect: Protect;
  readonly placeInPortal: PlaceInPortal;
  /** Key of the field by which our own mail is known when it comes back. */
  readonly loopKey: Uint8Array;
  readonly transport: TransportDeps;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Made once for each configuration. */
const madeFor = new WeakMap<JobDeps, { readonly loaded: LoadedConfig; readonly deps: JobDeps }>();

/** The same, with one configuration whatever is reloaded meanwhile. */
export function depsWith(allDeps: JobDeps, loaded: LoadedConfig): JobDeps {
  const made = madeFor.get(allDeps);
  if (made?.loaded === loaded) return made.deps;
  const transport = { ...allDeps.transport, loaded: () => loaded };
  const deps: JobDeps = { ...allDeps, loaded: () => loaded, transport };
  madeFor.set(allDeps, { loaded, deps });
  return deps;
}
