import type { Config } from '../config/schema.js';
import { streamSettings } from '../config/streams.js';
import { inOrder, type Lane, mayStart } from '../shared/lanes.js';
import type { Job } from './job.js';

/*
 * A job in hand is, one after the other:
 *  - begun: its attempt is being committed, by itself or with the decision (`beginAtOnce`). It holds a place among the
 *    connections to its destination from here on, or, where these are all taken and quickly given back, it is `ahead` of
 *    its place;
 *  - talking: it has its place, and acts;
 *  - concluding: its place is the next one's, while what came of it is committed.
 * So connections don't stand idle while the disk is waited for.
 *
 * What was begun ahead has used up an attempt of its rows without acting yet. So there is little of it; it is begun only
 * where attempts are quick, so that it soon has its place; and nobody else's room goes to it: it counts as if it had its
 * place among those of its stream and of all, and only what one destination may have in one stream is waited for.
 */

/** Jobs that wait in memory for a place, by stream and destination, and how many are in hand. */
export interface WaitingJobs {
  add(stream: string, jobs: readonly Job[]): void;
  /** Takes the next job that has a place, or will soon; it is in hand until `ended`. */
  begin(config: Config): Begun | undefined;
  /** Takes a job in hand as `begin` would if it had been added just now; undefined, and nothing done, where it had to wait. */
  beginAtOnce(stream: string, job: Job, config: Config): Begun | undefined;
  /** Its attempt is committed: whether it may act now. If not, it is in line for its place. */
  ready(begun: Begun): boolean;
  /** The first in line for the destination of `beside`, if a place is free; it may act now. */
  next(beside: Begun, config: Config): Begun | undefined;
  /** It doesn't act any more; `took` is how long it did, in milliseconds (undefined: not at all). */
  talked(begun: Begun, took: number | undefined, config: Config): void;
  /** It waited for its place in vain: nothing more is begun ahead for its destination until others were quick again. */
  gaveUp(begun: Begun): void;
  ended(begun: Begun): void;
  /** Jobs in hand. */
  active(): number;
  /** Recipients that wait: of a stream, or of one of its destinations. */
  waiting(stream: string, destination?: string): number;
  /** Whether nothing of a destination waits or is in hand. */
  isEmpty(stream: string, destination: string): boolean;
  /** Destinations of a stream for which no more is to be read: once full, they are so until few are left. */
  full(stream: string): ReadonlySet<string>;
  /** Whether nothing waits and nothing is in hand. */
  isQuiet(): boolean;
}

export interface Begun {
  readonly job: Job;
  readonly stream: string;
}

/** Recipients of one destination that may wait, and how few are left when more are asked for. */
export const MOST_EACH = 100;
export const FEW_EACH = 25;

/**
 * Milliseconds: where attempts hold their places for longer, little is gained by beginning ahead. With the number of those
 * that may be begun it says how long the last in line may have to wait: half a second, while nobody is stuck.
 */
const QUICK = 250;
/** For each place of a destination so many may be begun, with it or ahead, and so many be concluding. */
const BEGUN = 3;
const CONCLUDING = 3;
/** Ahead is begun only while less than this part of all that may act at once is taken. */
const FREE_FOR_AHEAD = 0.75;

interface Destination {
  readonly jobs: Job[];
  waiting: number;
  full: boolean;
  /** Jobs that hold a place. */
  placed: number;
  /** Jobs that were begun without one, and those of them that are ready for it. */
  ahead: number;
  readonly line: Begun[];
  concluding: number;
  /**
   * How many may be ahead: one more after each that was quick, half as many after one that wasn't, and none when one has
   * waited in vain. So what waits in line is about what the places were able to take of late.
   */
  mayBeAhead: number;
}

interface Stream {
  /** The one served longest ago first. */
  readonly destinations: Map<string, Destination>;
  waiting: number;
  /** Jobs that act, or are to act next. */
  acting: number;
}

/** Where a job in hand is. */
interface InHand {
  readonly key: string;
  readonly stream: Stream;
  readonly destination: Destination;
  phase: 'placed' | 'ahead' | 'concluding';
}

export function createWaitingJobs(): WaitingJobs {
  const streams = new Map<string, Stream>();
  const inHand = new Map<Begun, InHand>();
  /** Jobs that act, or are to act next, of all streams. */
  let acting = 0;
  /** Recipients that wait, of all streams. */
  let waiting = 0;

  /** All streams of the configuration too, because a reserve is kept for those that have nothing just now. */
  const lanes = (config: Config, ...more: readonly string[]): readonly Lane[] => {
    const names = new Set([...streams.keys(), ...config.delivery.streams.map((one) => one.name), ...more]);
    return [...names].map((name) => {
      const { priority, connections, reserved } = streamSettings(config, name);
      return { name, priority, most: connections, reserved, active: streams.get(name)?.acting ?? 0 };
    });
  };

  const take = (name: string, stream: Stream, key: string, phase: 'placed' | 'ahead'): Begun | undefined => {
    const destination = stream.destinations.get(key);
    const job = destination?.jobs.shift();
    if (destination === undefined || job === undefined) return undefined;
    destination.waiting -= job.recipients.length;
    stream.waiting -= job.recipients.length;
    waiting -= job.recipients.length;
    if (destination.waiting <= FEW_EACH) destination.full = false;
    destination[phase] += 1;
    stream.acting += 1;
    acting += 1;
    // Served last next time, so that one destination doesn't keep all places.
    stream.destinations.delete(key);
    stream.destinations.set(key, destination);
    const begun = { job, stream: name };
    inHand.set(begun, { key, stream, destination, phase });
    return begun;
  };

  const conclude = (begun: Begun): Destination | undefined => {
    const one = inHand.get(begun);
    if (one === undefined || one.phase === 'concluding') return undefined;
    const { destination, stream } = one;
    const at = destination.line.indexOf(begun);
    if (at >= 0) destination.line.splice(at, 1);
    destination[one.phase] -= 1;
    stream.acting -= 1;
    acting -= 1;
    one.phase = 'concluding';
    destination.concluding += 1;
    return destination;
  };

  const add = (name: string, jobs: readonly Job[]) => {
    const stream = streams.get(name) ?? { destinations: new Map(), waiting: 0, acting: 0 };
    if (jobs.length > 0) streams.set(name, stream);
    for (const job of jobs) {
      const known = stream.destinations.get(job.destination);
      const destination = known ?? newDestination();
      destination.jobs.push(job);
      destination.waiting += job.recipients.length;
      stream.waiting += job.recipients.length;
      waiting += job.recipients.length;
      if (destination.waiting >= MOST_EACH) destination.full = true;
      if (known === undefined) stream.destinations.set(job.destination, destination);
    }
  };

  return {
    add,

    beginAtOnce(name, job, config) {
      const { max_connections: most } = config.delivery;
      const all = lanes(config, name);
      if (acting >= most || !mayStart(name, all, most)) return undefined;
      const { priority, connectionsPerDestination: each } = streamSettings(config, name);
      const destination = streams.get(name)?.destinations.get(job.destination) ?? newDestination();
      // Those that wait go first.
      if (destination.jobs.length > 0 || destination.concluding >= CONCLUDING * each) return undefined;
      const hasPlace = destination.placed + destination.ahead < each;
      const mayBeAhead = all.every((one) => one.priority <= priority) && acting < most * FREE_FOR_AHEAD;
      if (!hasPlace && !(mayBeAhead && isShort(destination, each))) return undefined;
      add(name, [job]);
      const stream = streams.get(name);
      return stream && take(name, stream, job.destination, hasPlace ? 'placed' : 'ahead');
    },

    begin(config) {
      const most = config.delivery.max_connections;
      if (waiting === 0 || acting >= most) return undefined;
      const all = lanes(config);
      let soon: { readonly name: string; readonly stream: Stream; readonly key: string } | undefined;
      const ordered = inOrder(all);
      for (const { name, priority } of ordered) {
        const stream = streams.get(name);
        if (stream === undefined || stream.waiting === 0) continue;
        if (!mayStart(name, all, most)) continue;
        const each = streamSettings(config, name).connectionsPerDestination;
        for (const [key, destination] of stream.destinations) {
          if (destination.jobs.length === 0 || destination.concluding >= CONCLUDING * each) continue;
          if (destination.placed + destination.ahead < each) return take(name, stream, key, 'placed');
          if (priority === ordered[0]?.priority && isShort(destination, each)) soon ??= { name, stream, key };
        }
      }
      // Only where nobody has a place at once.
      if (soon === undefined || acting >= most * FREE_FOR_AHEAD) return undefined;
      return take(soon.name, soon.stream, soon.key, 'ahead');
    },

    ready(begun) {
      const one = inHand.get(begun);
      if (one?.phase === 'ahead') one.destination.line.push(begun);
      return one?.phase === 'placed';
    },

    next(beside, config) {
      const destination = inHand.get(beside)?.destination;
      if (destination === undefined) return undefined;
      if (destination.placed >= streamSettings(config, beside.stream).connectionsPerDestination)
        return undefined;
      const first = destination.line.shift();
      const one = first === undefined ? undefined : inHand.get(first);
      if (one === undefined) return undefined;
      one.phase = 'placed';
      destination.ahead -= 1;
      destination.placed += 1;
      return first;
    },

    talked(begun, took, config) {
      const destination = conclude(begun);
      if (destination === undefined || took === undefined) return;
      const each = streamSettings(config, begun.stream).connectionsPerDestination;
      destination.mayBeAhead =
        took < QUICK
          ? Math.min(BEGUN * each, destination.mayBeAhead + 1)
          : Math.floor(destination.mayBeAhead / 2);
    },

    gaveUp(begun) {
      const destination = conclude(begun);
      if (destination !== undefined) destination.mayBeAhead = 0;
    },

    ended(begun) {
      conclude(begun);
      const one = inHand.get(begun);
      if (one === undefined) return;
      const { key, stream, destination } = one;
      inHand.delete(begun);
      destination.concluding -= 1;
      if (isIdle(destination)) stream.destinations.delete(key);
      if (stream.destinations.size === 0) streams.delete(begun.stream);
    },

    active: () => inHand.size,
    waiting(name, destination) {
      const stream = streams.get(name);
      if (destination === undefined) return stream?.waiting ?? 0;
      return stream?.destinations.get(destination)?.waiting ?? 0;
    },
    isEmpty: (name, destination) => streams.get(name)?.destinations.has(destination) !== true,
    full(name) {
      const full = new Set<string>();
      for (const [key, one] of streams.get(name)?.destinations ?? []) if (one.full) full.add(key);
      return full;
    },
    isQuiet: () => streams.size === 0,
  };
}

function newDestination(): Destination {
  return {
    jobs: [],
    waiting: 0,
    full: false,
    placed: 0,
    ahead: 0,
    line: [],
    concluding: 0,
    mayBeAhead: 0,
  };
}

/** Whether places may stand empty unless more is begun. As long as anybody is in line for one, none does. */
function isShort({ line, placed, ahead, mayBeAhead }: Destination, each: number): boolean {
  return line.length === 0 && ahead < mayBeAhead && placed + ahead < BEGUN * each;
}

function isIdle({ jobs, placed, ahead, concluding }: Destination): boolean {
  return jobs.length === 0 && placed === 0 && ahead === 0 && concluding === 0;
}
