import type { Config } from '../config/schema.js';
import { streamSettings } from '../config/streams.js';
import type { StoredRecipient } from '../model/message.js';
import { DEFAULT_STREAM } from '../model/stream.js';
import type { Clock } from '../shared/clock.js';
import { clockSetBack } from '../shared/clock-set-back.js';
import type { QueueStore } from '../store/ports.js';
import { filterFor, jobsOf } from './due-jobs.js';
import type { Job } from './job.js';
import { createPlaces, type Place } from './places.js';
import { destinationOf } from './routes.js';
import { type Begun, createWaitingJobs, FEW_EACH, MOST_EACH } from './waiting-jobs.js';

/*
 * Bounds, so that memory doesn't grow with the queue: rows beyond them stay in the store until there is room.
 */
const PAGE = 200;
/** From so many rows of a stream waiting in memory on no more are asked for. */
const MAX_WAITING = 1000;
/** A stream with so few left, while the store has more, is filled again. */
const FEW = 500;
/** Milliseconds: never sooner than this after a look that found nothing to do, and never later than that. */
const SOONEST = 20;
const SOONEST_IF_STUCK = 1000;
const LATEST = 30_000;
/** Milliseconds: what is handed over keeps nobody from looking for other work for longer. */
const LOOK_MEANWHILE = 1000;

export interface RunnerDeps {
  readonly queue: Pick<QueueStore, 'due' | 'dueStreams' | 'nextDueAt'>;
  readonly config: () => Config;
  /**
   * Runs a job, which may act only while it has its place. Gives whether it made something due now: mail of our own, a
   * change of the method, or its own rows, given back.
   */
  readonly run: (job: Job, place: Place) => Promise<boolean>;
  /** Gives whether anything changed. */
  readonly sweep: () => Promise<boolean>;
  /** Makes due what waits for a time that is further away than any that is set now: the clock was set back. */
  readonly reconsider: () => Promise<unknown>;
  readonly clock: Clock;
  readonly onFailure: (error: unknown) => void;
}

/** Picks due rows, groups them into jobs and runs these, with limits per stream and destination. */
export interface Runner {
  /** Looks for work now. */
  wake(): void;
  /**
   * Takes rows of one message that are in the store and became due a moment ago, without asking for them. Gives whether it
   * took all of them; else they are to be looked for, because what is older goes first, or memory has no room.
   */
  take(rows: readonly StoredRecipient[]): boolean;
  /**
   * Keeps places for rows of one message that are about to be committed, so that their attempts can begin with that
   * commit; undefined where one would have to wait. `begin` or `giveUp` must follow.
   */
  reserve(rows: readonly StoredRecipient[]): Reserved | undefined;
  /** Resolves when nothing is due, in hand or to be swept. */
  idle(): Promise<void>;
  /** No new work from here on; resolves when what was begun has ended. What has no place yet gets none. */
  drain(): Promise<void>;
}

/** Places for attempts that are being committed. */
export interface Reserved {
  /** They are committed, for these of the rows. */
  begin(rows: readonly StoredRecipient[], begun: NonNullable<Job['begun']>): void;
  /** They aren't. */
  giveUp(): void;
}

export function createRunner(deps: RunnerDeps): Runner {
  const jobs = createWaitingJobs();
  /** Rows in hand, waiting or in an attempt: the store may still (or again) call them due. */
  const taken = new Set<string>();
  /** How many they are of each stream. */
  const takenOf = new Map<string, number>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  /** Streams of which the store may hold due rows that memory had no room for. */
  const more = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> | undefined;
  let sweepAgain = false;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;
  /** Whether a sweep has found nothing since the last reason to look. */
  let calm = false;
  const wasSetBack = clockSetBack(deps.clock);
  const idlers: (() => void)[] = [];
  const drainers: (() => void)[] = [];

  const startJobs = () => {
    while (!stopped) {
      const begun = jobs.begin(deps.config());
      if (begun === undefined) return;
      void runOne(begun);
    }
  };

  const places = createPlaces(jobs, deps.config, startJobs);

  const runOne = async (begun: Begun, job = begun.job, run = deps.run) => {
    const { stream } = begun;
    const place = places.of(begun);
    let made = false;
    try {
      made = await run(job, place);
    } catch (error) {
      fail(error);
    }
    // Its last connection may still be being closed.
    await place.free();
    letGo(stream, job.recipients);
    jobs.ended(begun);
    startJobs();
    if (jobs.active() === 0) for (const resolve of drainers.splice(0)) resolve();
    const drained = jobs.isEmpty(stream, job.destination);
    const low = jobs.waiting(stream) <= FEW && jobs.waiting(stream, job.destination) <= FEW_EACH;
    if (made || drained || (more.has(stream) && low)) wake();
  };

  const fail = (error: unknown) => {
    stopped = true;
    places.close();
    clearTimeout(timer);
    deps.onFailure(error);
    for (const resolve of idlers.splice(0)) resolve();
  };

  /** Takes due rows of a stream from the store until it has no more, or memory has no room. Gives whether it took any. */
  const fillStream = async (stream: string): Promise<boolean> => {
    let any = false;
    // Asked for again only when much of it is gone: each time the store passes over what is in hand.
    const room = jobs.waiting(stream) <= FEW;
    for (;;) {
      const config = deps.config();
      const full = jobs.full(stream);
      const filter = filterFor(config, full, stream);
      const enough = !room || jobs.waiting(stream) >= MAX_WAITING;
      if (enough || full.size > 0) more.add(stream);
      else more.delete(stream);
      if (stopped || enough || filter === undefined) return any;
      const limit = (takenOf.get(stream) ?? 0) + PAGE;
      const rows = await deps.queue.due(deps.clock.now(), limit, filter);
      const fresh = rows.filter((row) => !taken.has(rowKey(row)) && hasRoom(config, row));
      if (fresh.length === 0 || stopped) return any;
      any = true;
      takeAll(stream, fresh, config);
      if (rows.length < limit) return any;
    }
  };

  const takeAll = (stream: string, rows: readonly StoredRecipient[], config: Config) => {
    takeInHand(stream, rows);
    jobs.add(stream, jobsOf(rows, config));
    startJobs();
  };

  const takeInHand = (stream: string, rows: readonly StoredRecipient[]) => {
    for (const row of rows) taken.add(rowKey(row));
    count(stream, rows.length);
    calm = false;
  };

  const letGo = (stream: string, rows: readonly StoredRecipient[]) => {
    for (const row of rows) taken.delete(rowKey(row));
    count(stream, -rows.length);
  };

  const take = (rows: readonly StoredRecipient[]): boolean => {
    const config = deps.config();
    if (!mayTake(rows, config)) return false;
    takeAll(rows[0]?.stream ?? DEFAULT_STREAM, rows, config);
    lookMeanwhile();
    return true;
  };

  /** Whether rows may be taken without asking the store: nothing older waits there, and memory has room. */
  const mayTake = (rows: readonly StoredRecipient[], config: Config): boolean => {
    const stream = rows[0]?.stream ?? DEFAULT_STREAM;
    const olderWait = more.has(stream) || jobs.waiting(stream) > FEW || jobs.full(stream).size > 0;
    const fits =
      rows.length <= FEW_EACH && rows.every((row) => !taken.has(rowKey(row)) && hasRoom(config, row));
    return !stopped && !olderWait && fits;
  };

  /** A clock that was set back tells nothing: as if it were long ago. */
  const passedSince = (at: number): number => {
    const passed = deps.clock.now() - at;
    return passed < 0 ? Number.POSITIVE_INFINITY : passed;
  };

  const lookMeanwhile = () => {
    if (passedSince(lookedAt) > LOOK_MEANWHILE) wake();
  };

  /** Gives the rows back. */
  const withoutPlace = (job: Job, place: Place) =>
    deps.run(job, { ...place, take: async () => ({ kind: 'none' }) });

  const reserve = (rows: readonly StoredRecipient[]): Reserved | undefined => {
    const config = deps.config();
    if (!mayTake(rows, config)) return undefined;
    const stream = rows[0]?.stream ?? DEFAULT_STREAM;
    const all: Begun[] = [];
    for (const job of jobsOf(rows, config)) {
      const begun = jobs.beginAtOnce(stream, job, config);
      if (begun === undefined) {
        for (const one of all) jobs.ended(one);
        return undefined;
      }
      all.push(begun);
    }
    takeInHand(stream, rows);
    const nothing = async () => true;
    return {
      begin(recipients, committed) {
        letGo(
          stream,
          rows.filter((row) => !recipients.includes(row)),
        );
        const run = stopped ? withoutPlace : deps.run;
        for (const begun of all) {
          const still = begun.job.recipients.filter((one) => recipients.includes(one));
          const job = { ...begun.job, recipients: still, begun: committed };
          void runOne(begun, job, still.length === 0 ? nothing : run);
        }
        lookMeanwhile();
      },
      giveUp() {
        for (const begun of all) void runOne(begun, begun.job, nothing);
      },
    };
  };

  /** The urgent streams first, so that theirs are on their way while the others are read. */
  const fill = async (): Promise<boolean> => {
    let any = false;
    const due = await deps.queue.dueStreams(deps.clock.now());
    const priority = (name: string) => streamSettings(deps.config(), name).priority;
    for (const stream of due.toSorted((a, b) => priority(b) - priority(a)))
      if (await fillStream(stream)) any = true;
    return any;
  };

  const count = (stream: string, more: number) => {
    const sum = (takenOf.get(stream) ?? 0) + more;
    if (sum === 0) takenOf.delete(stream);
    else takenOf.set(stream, sum);
  };

  const hasRoom = (config: Config, { domain, stream = DEFAULT_STREAM }: StoredRecipient) =>
    jobs.waiting(stream, destinationOf(config, domain, stream)) < MOST_EACH;

  const look = async () => {
    do {
      lookAgain = false;
      lookedAt = deps.clock.now();
      if (wasSetBack()) await deps.reconsider();
      const took = await fill();
      if (stopped) return;
      if ((jobs.isQuiet() && !took) || passedSince(sweptAt) >= LATEST) sweepAside();
    } while (lookAgain);
    await arrangeTimer();
  };

  /** Never waited for by a look: after a campaign a sweep takes seconds, and a lab result must not wait for it. */
  const sweepAside = () => {
    sweepAgain = true;
    sweeping ??= sweepAll()
      .catch(fail)
      .finally(() => {
        sweeping = undefined;
        if (sweepAgain && !stopped) sweepAside();
        else settle();
      });
  };

  const sweepAll = async () => {
    while (sweepAgain && !stopped) {
      sweepAgain = false;
      sweptAt = deps.clock.now();
      if (await deps.sweep()) wake();
      else calm = !lookAgain && !sweepAgain;
    }
  };

  /** Nothing was found since the last sweep, nor is anything under way: then there is nothing to be done now. */
  const settle = () => {
    if (!calm || lookAgain || looking !== undefined || sweeping !== undefined || !jobs.isQuiet()) return;
    for (const resolve of idlers.splice(0)) resolve();
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
    calm = false;
    looking ??= look()
      .catch(fail)
      .finally(() => {
        looking = undefined;
        if (lookAgain) wake();
        else settle();
      });
  };

  return {
    wake,
    take,
    reserve,
    idle: () =>
      new Promise((resolve) => {
        if (stopped) return resolve();
        idlers.push(resolve);
        wake();
      }),
    async drain() {
      stopped = true;
      places.close();
      clearTimeout(timer);
      idlers.splice(0).forEach((resolve) => {
        resolve();
      });
      await Promise.all([looking, sweeping]);
      if (jobs.active() > 0) await new Promise<void>((resolve) => drainers.push(resolve));
    },
  };
}

function rowKey(row: StoredRecipient): string {
  return `${row.messageId} ${row.index}`;
}
