import { DEFAULT_STREAM } from '../model/stream.js';
import type { Log } from '../ops/log.js';
import { errorText } from '../shared/errors.js';
import { inOrder, type Lane, mayStart } from '../shared/lanes.js';

/** How many IDs of a stream wait in memory; what is beyond stays in the store and is fetched when there is room. */
const MAX_WAITING = 5000;

/** When a message that could not be decided is tried again, in milliseconds. */
const RETRY_AFTER = 60_000;

/** Recognising text in scans takes long; it has a lane of its own, so that other mail doesn't wait for it. */
export type JudgeLane = 'quick' | 'ocr';

/** A message that waits to be judged. */
export interface Waiting {
  readonly id: string;
  readonly stream: string;
}

/** Runs `judge` for each accepted message, a few at a time, and for those that an earlier run left behind. */
export interface JudgeQueue {
  /** A message was accepted, or received again, into this stream (absent: `default`). */
  add(id: string, stream?: string): void;
  /** Resolves when everything added so far has been judged (or given up until the next start). */
  idle(): Promise<void>;
  /** Takes no more; resolves when the running ones are done. */
  stop(): Promise<void>;
}

/**
 * @param options.judge decides one message; a rejection leaves it in the store, to be tried again a minute later;
 *   `needs-ocr` puts it into the other lane, and is not an answer there
 * @param options.undecided messages in the store that still wait: so many of each stream, oldest first
 * @param options.priority of a stream; the higher goes first, and for each stream a place is kept, so that what comes to
 *   one finds a place though others have thousands waiting
 */
export function createJudgeQueue(options: {
  readonly judge: (id: string, lane: JudgeLane) => Promise<boolean | 'needs-ocr'>;
  readonly undecided: (limit: number) => Promise<readonly Waiting[]>;
  readonly priority?: (stream: string) => number;
  /** Streams that may have mail. */
  readonly streams?: () => readonly string[];
  readonly concurrency: number;
  /** Messages at once whose images are recognised. */
  readonly ocrConcurrency: number;
  readonly log: Log;
  readonly onDecided: (id: string) => void;
  readonly onFailure: (error: Error) => void;
}): JudgeQueue {
  const waiting = createLine(options);
  const known = new Set<string>();
  const failed = new Set<string>();
  /** Added while they were being judged: they may have been received again since. */
  const again = new Map<string, Waiting>();
  const idlers: (() => void)[] = [];
  const waitingForOcr = createLine(options);
  // At the start the store may hold what an earlier run accepted.
  let moreInStore = true;
  /** Streams of which the store holds more than memory has room for. */
  const overflown = new Set<string>();
  let refilling = false;
  let stopped = false;
  let retry: NodeJS.Timeout | undefined;

  const retryLater = () => {
    retry ??= setTimeout(() => {
      retry = undefined;
      failed.clear();
      moreInStore = true;
      pump();
    }, RETRY_AFTER).unref();
  };

  const settle = () => {
    if (waiting.active() + waitingForOcr.active() > 0 || refilling) return;
    if (!stopped && (waiting.length() + waitingForOcr.length() > 0 || moreInStore || overflown.size > 0))
      return;
    for (const wake of idlers.splice(0)) wake();
  };

  const refill = async () => {
    refilling = true;
    moreInStore = false;
    overflown.clear();
    try {
      const found = await options.undecided(MAX_WAITING);
      // Only ever added to: a message that was added meanwhile may have found no room.
      for (const stream of new Set(found.map((one) => one.stream))) {
        const those = found.filter((one) => one.stream === stream);
        if (those.length === MAX_WAITING && those.some(({ id }) => !known.has(id) && !failed.has(id)))
          overflown.add(stream);
      }
      for (const one of found) if (!failed.has(one.id)) enqueue(one);
    } catch (error) {
      // What an earlier run left behind is known to the store alone: it must be asked again.
      retryLater();
      options.log.error(
        { reason: errorText(error) },
        'the messages that wait for a decision could not be read',
      );
      options.onFailure(error instanceof Error ? error : new Error(errorText(error)));
    } finally {
      refilling = false;
      pump();
    }
  };

  const mustRefill = () =>
    (moreInStore && waiting.length() === 0) || [...overflown].some((stream) => waiting.length(stream) === 0);

  const enqueue = (one: Waiting) => {
    if (known.has(one.id)) return;
    if (waiting.length(one.stream) >= MAX_WAITING) {
      overflown.add(one.stream);
      return;
    }
    known.add(one.id);
    waiting.push(one);
  };

  /** Whether it is done with: otherwise it waits in the other lane, or in the store. */
  const judgeOne = async ({ id, stream }: Waiting, lane: JudgeLane): Promise<boolean> => {
    try {
      const decided = await options.judge(id, lane);
      if (decided === 'needs-ocr') {
        if (lane === 'ocr') throw new Error('a message asks for OCR in the lane that has it');
        if (waitingForOcr.length(stream) >= MAX_WAITING) throw new Error('too many messages wait for OCR');
        waitingForOcr.push({ id, stream });
        return false;
      }
      if (decided) options.onDecided(id);
    } catch (error) {
      // Nothing was committed, so nothing was done: the message waits in the store.
      failed.add(id);
      retryLater();
      options.log.error({ id, reason: errorText(error) }, 'the message could not be decided and waits');
      options.onFailure(error instanceof Error ? error : new Error(errorText(error)));
    }
    return true;
  };

  const forget = (id: string) => {
    known.delete(id);
    const next = again.get(id);
    again.delete(id);
    if (next !== undefined) enqueue(next);
  };

  const run = async (one: Waiting) => {
    const done = await judgeOne(one, 'quick');
    waiting.ended(one);
    if (done) forget(one.id);
    pump();
  };

  const recognise = async (one: Waiting) => {
    await judgeOne(one, 'ocr');
    waitingForOcr.ended(one);
    forget(one.id);
    pump();
  };

  const pump = () => {
    while (!stopped) {
      const one = waiting.begin(options.concurrency);
      if (one === undefined) break;
      void run(one);
    }
    while (!stopped) {
      const one = waitingForOcr.begin(options.ocrConcurrency);
      if (one === undefined) break;
      void recognise(one);
    }
    if (!stopped && !refilling && mustRefill()) void refill();
    settle();
  };

  pump();
  return {
    add: (id, stream = DEFAULT_STREAM) => {
      if (known.has(id)) again.set(id, { id, stream });
      enqueue({ id, stream });
      pump();
    },
    idle: () =>
      new Promise((resolve) => {
        idlers.push(resolve);
        settle();
      }),
    stop: () => {
      stopped = true;
      clearTimeout(retry);
      return new Promise((resolve) => {
        idlers.push(resolve);
        settle();
      });
    },
  };
}

/** What waits, by stream, and how much of each is in hand. */
interface Line {
  push(one: Waiting): void;
  /** The next that may be begun with so many places for all streams together; it is in hand from here on. */
  begin(total: number): Waiting | undefined;
  ended(one: Waiting): void;
  active(): number;
  /** Of one stream, or of all. */
  length(stream?: string): number;
}

function createLine(options: {
  readonly priority?: (stream: string) => number;
  readonly streams?: () => readonly string[];
}): Line {
  const waiting = new Map<string, Waiting[]>();
  const active = new Map<string, number>();
  const lanes = (): readonly Lane[] =>
    [...new Set([...waiting.keys(), ...active.keys(), ...(options.streams?.() ?? [])])].map((name) => ({
      name,
      priority: options.priority?.(name) ?? 0,
      most: Number.POSITIVE_INFINITY,
      reserved: 1,
      active: active.get(name) ?? 0,
    }));
  return {
    push(one) {
      const known = waiting.get(one.stream);
      if (known === undefined) waiting.set(one.stream, [one]);
      else known.push(one);
    },
    begin(total) {
      if (waiting.size === 0) return undefined;
      const all = lanes();
      for (const { name } of inOrder(all)) {
        const line = waiting.get(name);
        if (line === undefined || !mayStart(name, all, total)) continue;
        const one = line.shift();
        if (line.length === 0) waiting.delete(name);
        if (one === undefined) continue;
        active.set(name, (active.get(name) ?? 0) + 1);
        return one;
      }
      return undefined;
    },
    ended({ stream }) {
      const left = (active.get(stream) ?? 1) - 1;
      if (left > 0) active.set(stream, left);
      else active.delete(stream);
    },
    active: () => [...active.values()].reduce((sum, one) => sum + one, 0),
    length: (stream) =>
      stream === undefined
        ? [...waiting.values()].reduce((sum, one) => sum + one.length, 0)
        : (waiting.get(stream)?.length ?? 0),
  };
}
