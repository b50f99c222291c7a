import type { Socket } from 'node:net';
import type { LoadedConfig } from '../config/load.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';
import type { Protect } from '../protect/types.js';
import type { Clock } from '../shared/clock.js';
import { errorText } from '../shared/errors.js';
import {
  type AuditSink,
  type BodyStore,
  type PortalStore,
  type QueueStore,
  StoreUnavailable,
  type SuppressionStore,
  type TlsMemory,
} from '../store/ports.js';
import { logRefusal } from './apply-plans.js';
import { nextAfterThis } from './begin.js';
import { runJob } from './job.js';
import type { JobDeps } from './job-deps.js';
import type { PlaceInPortal } from './place-in-portal.js';
import type { Resolver } from './resolver.js';
import { createRunner } from './runner.js';
import { longestDelay } from './schedule.js';
import { createSessionPool } from './session-pool.js';
import { type SweepDeps, sweep } from './sweeps.js';
import { createTlsContexts } from './tls-contexts.js';
import { createUnwrittenTls } from './unwritten-tls.js';

export { rejectDecided } from './bounce.js';
export { holdDecided } from './hold.js';
export { ownMail } from './own-mail.js';
export type { PlaceInPortal } from './place-in-portal.js';
export { rejectHeldChange } from './reject-held.js';
export { createResolver, type Resolver } from './resolver.js';
export { tlsAvailability } from './tls-availability.js';
export { untoldItem } from './untold-item.js';

export interface CourierDeps {
  /** The configuration in force, after reloads. */
  readonly loaded: () => LoadedConfig;
  readonly queue: QueueStore;
  readonly portalItems: Pick<
    PortalStore,
    'item' | 'expiredItems' | 'closedItemsWithContent' | 'destroyItemContent'
  >;
  readonly bodies: BodyStore;
  readonly tlsMemory: TlsMemory;
  readonly suppressions: Pick<SuppressionStore, 'suppressed' | 'forgetExpired'>;
  readonly fresh: JobDeps['fresh'];
  readonly watch: JobDeps['watch'];
  readonly audit: AuditSink;
  readonly protect: Protect;
  readonly placeInPortal: PlaceInPortal;
  /** Key of the field by which our own mail is known when it comes back. */
  readonly loopKey: Uint8Array;
  /** Destroys content while nobody reads it in the portal. */
  readonly whileUnread?: NonNullable<SweepDeps['whileUnread']>;
  /** Reminds of what waits in the portal; gives whether anything changed. */
  readonly remind?: (stopped: () => boolean) => Promise<boolean>;
  readonly resolver: Resolver;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Gives numbers from 0 up to 1, for jitter and order among equals. */
  readonly random?: () => number;
  /** The store failed; the courier has stopped acting. */
  readonly onFailure: (error: Error) => void;
}

/** The deliver stage: takes due recipients from the store until each has reached an end. */
export interface Courier {
  start(): void;
  /** There may be something due now. */
  wake(): void;
  /** As `Runner.take`. */
  take(rows: readonly StoredRecipient[]): boolean;
  /**
   * Promises to begin an attempt at once for all these rows of one message, which are about to become due, so that the
   * commit that makes them due can record its beginning, too (`RecipientChange.begins`). Undefined where it can't promise
   * that: a throttle counts one of them, or others go first.
   */
  promise(message: StoredMessage, rows: readonly StoredRecipient[]): PromisedAttempt | undefined;
  /** Resolves when nothing is due or in flight. */
  idle(): Promise<void>;
  /** Begins nothing more, lets attempts end for so long (milliseconds), then cuts their connections. */
  stop(graceMs: number): Promise<void>;
  /** The configuration changed: files are read anew, idle connections closed. */
  reload(): void;
}

/** An attempt that begins with somebody else's commit. One of both functions must be called after that. */
export interface PromisedAttempt {
  /** To be committed, with one attempt more. */
  readonly nextAttemptAt: number;
  /** It is committed for these of the rows; they are given as they were before, the message as it is now. */
  begin(message: StoredMessage, rows: readonly StoredRecipient[]): void;
  /** It was committed for none. */
  giveUp(): void;
}

export function createCourier(deps: CourierDeps): Courier {
  const random = deps.random ?? Math.random;
  const contexts = createTlsContexts(deps.loaded);
  const pool = createSessionPool(deps.loaded);
  const sockets = new Set<Socket>();
  let started = false;
  let stopped = false;
  let cutting = false;

  const onSocket = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    if (cutting) socket.destroy();
  };
  const cut = () => {
    cutting = true;
    for (const socket of sockets) socket.destroy();
  };
  const onFailure = (error: unknown) => {
    stopped = true;
    // What can't be recorded must not be done (DESIGN promise 3). In this very turn: an attempt that has waited for its place may
    // go on without asking the store for anything.
    cut();
    // Whatever it was, no mail moves any more: the relay must end, not go on without delivering.
    deps.onFailure(isStoreFailure(error) ? error : new StoreUnavailable(errorText(error), { cause: error }));
  };
  /** A change that the store refuses is a bug on our side; its row is tried again at the time already committed. */
  const surviving = async <T>(work: () => Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (isStoreFailure(error)) throw error;
      logRefusal(deps.log, error);
      return otherwise;
    }
  };

  const jobDeps: JobDeps = {
    ...deps,
    tlsMemory: createUnwrittenTls(deps.tlsMemory),
    random,
    transport: {
      loaded: deps.loaded,
      resolver: deps.resolver,
      contexts,
      pool,
      random,
      log: deps.log,
      onSocket,
    },
  };
  /** Limits, waits and the clock may be others than when rows were left to wait. */
  const reconsider = () =>
    surviving(
      () => deps.queue.reconsiderWaiting(deps.clock.now(), longestDelay(deps.loaded().config.delivery)),
      false,
    );
  const runner = createRunner({
    queue: deps.queue,
    config: () => deps.loaded().config,
    clock: deps.clock,
    onFailure,
    run: (job, place) => surviving(() => runJob(jobDeps, job, place), false),
    reconsider,
    sweep: () => surviving(() => sweep({ ...deps, stopped: () => stopped }), false),
  });

  return {
    start() {
      started = true;
      // The configuration may be another than that of the run before.
      void reconsider().catch(onFailure).finally(runner.wake);
    },
    wake() {
      if (started) runner.wake();
    },
    take: (rows) => started && runner.take(rows),
    promise(message, rows) {
      const loaded = deps.loaded();
      const nextAttemptAt = started ? nextAfterThis(jobDeps, message, rows) : undefined;
      const place = nextAttemptAt === undefined ? undefined : runner.reserve(rows);
      if (nextAttemptAt === undefined || place === undefined) return undefined;
      // From before it is committed: nobody reads again what was asked for meanwhile.
      const watch = deps.watch(message.id, rows);
      return {
        nextAttemptAt,
        begin(committed, begun) {
          // Their jobs listen from this very turn on.
          place.begin(begun, { message: committed, loaded, asked: [...watch.asked()] });
          watch.end();
        },
        giveUp() {
          watch.end();
          place.giveUp();
        },
      };
    },
    idle: () => runner.idle(),
    reload() {
      contexts.forget();
      void pool.closeAll();
      if (!started) return;
      void reconsider().catch(onFailure).finally(runner.wake);
    },
    async stop(graceMs) {
      stopped = true;
      // Without grace in this very turn: the store may have failed, and still tell of attempts that it has begun.
      if (graceMs === 0) cut();
      const grace = setTimeout(cut, graceMs);
      await runner.drain();
      clearTimeout(grace);
      await pool.closeAll();
      cut();
    },
  };
}

function isStoreFailure(error: unknown): error is Error {
  return error instanceof Error && error.name === 'StoreUnavailable';
}
