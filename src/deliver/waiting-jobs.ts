import type { Config } from '../config/schema.js';
import { streamSettings } from '../config/streams.js';
import { inOrder, type Lane, mayStart } from '../shared/lanes.js';
import type { Job } from './job.js';

/** Jobs that wait in memory for a place, by stream and destination, and how many are in hand. */
export interface WaitingJobs {
  add(stream: string, jobs: readonly Job[]): void;
  /** Takes the next job that has a place; it is in hand until `ended`. */
  begin(config: Config): Begun | undefined;
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

interface Destination {
  readonly jobs: Job[];
  waiting: number;
  active: number;
  full: boolean;
}

interface Stream {
  /** The one served longest ago first. */
  readonly destinations: Map<string, Destination>;
  waiting: number;
  active: number;
}

export function createWaitingJobs(): WaitingJobs {
  const streams = new Map<string, Stream>();
  let active = 0;
  /** Recipients that wait, of all streams. */
  let waiting = 0;

  /** All streams of the configuration too, because a reserve is kept for those that have nothing just now. */
  const lanes = (config: Config): readonly Lane[] => {
    const names = new Set([...streams.keys(), ...config.delivery.streams.map((one) => one.name)]);
    return [...names].map((name) => {
      const { priority, connections, reserved } = streamSettings(config, name);
      return { name, priority, most: connections, reserved, active: streams.get(name)?.active ?? 0 };
    });
  };

  return {
    add(name, jobs) {
      const stream = streams.get(name) ?? { destinations: new Map(), waiting: 0, active: 0 };
      if (jobs.length > 0) streams.set(name, stream);
      for (const job of jobs) {
        const known = stream.destinations.get(job.destination);
        const destination = known ?? { jobs: [], waiting: 0, active: 0, full: false };
        destination.jobs.push(job);
        destination.waiting += job.recipients.length;
        stream.waiting += job.recipients.length;
        waiting += job.recipients.length;
        if (destination.waiting >= MOST_EACH) destination.full = true;
        if (known === undefined) stream.destinations.set(job.destination, destination);
      }
    },

    begin(config) {
      if (waiting === 0 || active >= config.delivery.max_connections) return undefined;
      const all = lanes(config);
      for (const { name } of inOrder(all)) {
        const stream = streams.get(name);
        if (stream === undefined || stream.waiting === 0) continue;
        if (!mayStart(name, all, config.delivery.max_connections)) continue;
        const each = streamSettings(config, name).connectionsPerDestination;
        for (const [key, destination] of stream.destinations) {
          const job = destination.active < each ? destination.jobs.shift() : undefined;
          if (job === undefined) continue;
          destination.waiting -= job.recipients.length;
          stream.waiting -= job.recipients.length;
          waiting -= job.recipients.length;
          if (destination.waiting <= FEW_EACH) destination.full = false;
          destination.active += 1;
          stream.active += 1;
          active += 1;
          // Served last next time, so that one destination doesn't keep all places.
          stream.destinations.delete(key);
          stream.destinations.set(key, destination);
          return { job, stream: name };
        }
      }
      return undefined;
    },

    ended({ job, stream: name }) {
      const stream = streams.get(name);
      const destination = stream?.destinations.get(job.destination);
      if (stream === undefined || destination === undefined) return;
      active -= 1;
      stream.active -= 1;
      destination.active -= 1;
      if (destination.active === 0 && destination.jobs.length === 0)
        stream.destinations.delete(job.destination);
      if (stream.destinations.size === 0) streams.delete(name);
    },

    active: () => active,
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
