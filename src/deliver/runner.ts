import type { Config } from '../config/schema.js';
import type { StoredRecipient } from '../model/message.js';
import type { Clock } from '../shared/clock.js';
import type { QueueStore } from '../store/ports.js';
import { filterFor, jobsOf } from './due-jobs.js';
import type { Job } from './job.js';
import { destinationOf } from './routes.js';

/*
 * Bounds, so that memory doesn't grow with the queue: rows beyond them stay in the store until there is room.
 */
const PAGE = 500;
/** From so many rows waiting in memory on no more are asked for: of all destinations, of one destination. */
const MAX_WAITING = 5000;
const MAX_WAITING_EACH = 100;
/** A destination with so few left, while the store has more, is filled again. */
const FEW = 25;
/** Attempts at the same time, all destinations together. */
const MAX_ACTIVE = 100;
/** Milliseconds: never sooner than this after a look that found nothing to do, and never later than that. */
const SOONEST = 20;
const SOONEST_IF_STUCK = 1000;
const LATEST = 30_000;

export interface RunnerDeps {
  readonly queue: Pick<QueueStore, 'due' | 'nextDueAt'>;
  readonly config: () => Config;
  /** Gives whether it made something due now: mail of our own, or a change of the method. */
  readonly run: (job: Job) => Promise<boolean>;
  /** Gives whether anything changed. */
  readonly sweep: () => Promise<boolean>;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** Picks due rows, groups them into jobs and runs these, with limits per destination. */
export interface Runner {
  /** Looks for work now. */
  wake(): void;
  /** Resolves when nothing is due, in hand or to be swept. */
  idle(): Promise<void>;
  /** No new work from here on; resolves when what was begun has ended. */
  drain(): Promise<void>;
}

interface Destination {
  readonly jobs: Job[];
  waiting: number;
  active: number;
}

export function createRunner(deps: RunnerDeps): Runner {
  const destinations = new Map<string, Destination>();
  /** Rows in hand, waiting or in an attempt: the store may still (or again) call them due. */
  const taken = new Set<string>();
  let active = 0;
  let stopped = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  /** Whether the store may hold due rows that memory had no room for. */
  let more = false;
  let timer: NodeJS.Timeout | undefined;
  let sweptAt = Number.NEGATIVE_INFINITY;
  const idlers: (() => void)[] = [];
  const drainers: (() => void)[] = [];

  const waitingRows = () => {
    let sum = 0;
    for (const one of destinations.values()) sum += one.waiting;
    return sum;
  };

  const fullOnes = () => {
    const full = new Set<string>();
    for (const [name, one] of destinations) if (one.waiting >= MAX_WAITING_EACH) full.add(name);
    return full;
  };

  const startJobs = () => {
    const perDestination = deps.config().delivery.connections_per_destination;
    for (const [name, destination] of destinations) {
      while (!stopped && active < MAX_ACTIVE && destination.active < perDestination) {
        const job = destination.jobs.shift();
        if (job === undefined) break;
        destination.waiting -= job.recipients.length;
        destination.active += 1;
        active += 1;
        void runOne(job, name, destination);
      }
      if (destination.active === 0 && destination.jobs.length === 0) destinations.delete(name);
    }
  };

  const runOne = async (job: Job, name: string, destination: Destination) => {
    let made = false;
    try {
      made = await deps.run(job);
    } catch (error) {
      fail(error);
    }
    for (const one of job.recipients) taken.delete(rowKey(one));
    destination.active -= 1;
    active -= 1;
    // Served last next time, so that one destination doesn't keep all places.
    if (destinations.delete(name)) destinations.set(name, destination);
    startJobs();
    if (active === 0) for (const resolve of drainers.splice(0)) resolve();
    const drained = destination.waiting === 0 && destination.active === 0;
    if (made || drained || (more && destination.waiting <= FEW)) wake();
  };

  const fail = (error: unknown) => {
    stopped = true;
    clearTimeout(timer);
    deps.onFailure(error);
    for (const resolve of idlers.splice(0)) resolve();
  };

  /** Takes due rows from the store until it has no more, or memory has no room. Gives whether it took any. */
  const fill = async (): Promise<boolean> => {
    let any = false;
    for (;;) {
      const config = deps.config();
      const filter = filterFor(config, fullOnes());
      more = filter === undefined || Object.keys(filter).length > 0 || waitingRows() >= MAX_WAITING;
      if (stopped || filter === undefined || waitingRows() >= MAX_WAITING) return any;
      const limit = taken.size + PAGE;
      const rows = await deps.queue.due(deps.clock.now(), limit, filter);
      const fresh = rows.filter(
        (row) => !taken.has(rowKey(row)) && roomFor(destinations, config, row.domain),
      );
      if (fresh.length === 0 || stopped) return any;
      any = true;
      for (const job of jobsOf(fresh, config)) {
        for (const one of job.recipients) taken.add(rowKey(one));
        const known = destinations.get(job.destination);
        const destination = known ?? {
          jobs: [],
          waiting: 0,
          active: 0,
        };
        destination.jobs.push(job);
        destination.waiting += job.recipients.length;
        if (known === undefined) destinations.set(job.destination, destination);
      }
      startJobs();
      if (rows.length < limit) return any;
    }
  };

  const look = async () => {
    do {
      lookAgain = false;
      const took = await fill();
      if (stopped) return;
      const quiet = active === 0 && destinations.size === 0;
      const now = deps.clock.now();
      if ((quiet && !took) || now - sweptAt >= LATEST) {
        sweptAt = now;
        if (await deps.sweep()) lookAgain = true;
      }
      if (stopped) return;
      if (!lookAgain && quiet && active === 0) {
        for (const resolve of idlers.splice(0)) resolve();
      }
    } while (lookAgain);
    await arrangeTimer();
  };

  const arrangeTimer = async () => {
    const next = await deps.queue.nextDueAt();
    if (stopped) return;
    const wait = (next ?? Number.POSITIVE_INFINITY) - deps.clock.now();
    // Due, but not taken: a destination is busy (the end of its job wakes us), or nothing can be done about it.
    const least = wait <= 0 ? SOONEST_IF_STUCK : SOONEST;
    clearTimeout(timer);
    timer = setTimeout(wake, Math.min(LATEST, Math.max(least, wait)));
  };

  const wake = () => {
    if (stopped) return;
    lookAgain = true;
    looking ??= look()
      .catch(fail)
      .finally(() => {
        looking = undefined;
        if (lookAgain) wake();
      });
  };

  return {
    wake,
    idle: () =>
      new Promise((resolve) => {
        if (stopped) return resolve();
        idlers.push(resolve);
        wake();
      }),
    async drain() {
      stopped = true;
      clearTimeout(timer);
      idlers.splice(0).forEach((resolve) => {
        resolve();
      });
      await looking;
      if (active > 0) await new Promise<void>((resolve) => drainers.push(resolve));
    },
  };
}

function rowKey(row: StoredRecipient): string {
  return `${row.messageId} ${row.index}`;
}

function roomFor(destinations: ReadonlyMap<string, Destination>, config: Config, domain: string): boolean {
  return (destinations.get(destinationOf(config, domain))?.waiting ?? 0) < MAX_WAITING_EACH;
}
