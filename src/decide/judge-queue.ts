import { DEFAULT_STREAM } from '../model/stream.js';
import type { Log } from '../ops/log.js';
import { errorFacts, errorText } from '../shared/errors.js';
import { createLine } from '../shared/line.js';

/** How many IDs of a stream wait in memory; what is beyond stays in the store and is fetched when there is room. */
const MAX_WAITING = 5000;

/** So many of each sender find room all the same: whoever fills a stream must not keep the others out of memory. */
const ROOM_OF_SENDER = 50;

/** When a message that could not be decided is tried again, in milliseconds. */
const RETRY_AFTER = 60_000;

/**
 * Some mail has a lane of its own, so that other mail doesn't wait for it. `ocr`: recognising text in scans takes long.
 * `alone`: one after the other, what was being judged when a thread or the whole process ended. One of these may have
 * ended it, and must not use up the attempts of the others.
 */
export type JudgeLane = 'quick' | 'alone' | 'ocr';

/** What to do with a message: it is judged (false: it was before), or waits in another lane. */
export type Judged = boolean | 'begun-before' | 'needs-ocr';

const LANES = ['quick', 'alone', 'ocr'] as const satisfies readonly JudgeLane[];

/** A message that waits to be judged. */
export interface Waiting {
  readonly id: string;
  readonly stream: string;
  /** The identity that submitted it, where that is known; those of one stream are judged in turn. */
  readonly sender?: string;
}

/** Runs `judge` for each accepted message, a few at a time, and for those that an earlier run left behind. */
export interface JudgeQueue {
  /** A message was accepted, or received again, into this stream (absent: `default`), of this identity. */
  add(id: string, stream?: string, sender?: string): void;
  /** Resolves when everything added so far has been judged (or given up until the next start). */
  idle(): Promise<void>;
  /** Takes no more; resolves when the running ones are done. */
  stop(): Promise<void>;
}

/**
 * @param options.judge decides one message; a rejection leaves it in the store, to be tried again a minute later;
 *   `begun-before` puts it from the quick lane into `alone`, `needs-ocr` from both into `ocr`
 * @param options.undecided messages in the store that still wait: so many of each stream, oldest first
 * @param options.priority of a stream; the higher goes first, and for each stream a place is kept, so that what comes to
 *   one finds a place though others have thousands waiting
 */
export function createJudgeQueue(options: {
  readonly judge: (id: string, lane: JudgeLane) => Promise<Judged>;
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
  const lines = {
    quick: createLine<Waiting>(options),
    alone: createLine<Waiting>(options),
    ocr: createLine<Waiting>(options),
  };
  const places = { quick: options.concurrency, alone: 1, ocr: options.ocrConcurrency };
  const waiting = lines.quick;
  const known = new Set<string>();
  const failed = new Set<string>();
  /** Added while they were being judged: they may have been received again since. */
  const again = new Map<string, Waiting>();
  const idlers: (() => void)[] = [];
  // At the start the store may hold what an earlier run accepted.
  let moreInStore = true;
  /** Streams of which the store holds more than memory has room for. */
  const overflown = new Set<string>();
  /** Those of which it may hold more behind what is in memory: asked again now, it would give nothing else. */
  const behind = new Set<string>();
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
    if (LANES.some((lane) => lines[lane].active() > 0) || refilling) return;
    const isWaiting = LANES.some((lane) => lines[lane].length() > 0);
    if (!stopped && (isWaiting || moreInStore || overflown.size > 0)) return;
    for (const wake of idlers.splice(0)) wake();
  };

  const refill = async () => {
    refilling = true;
    moreInStore = false;
    overflown.clear();
    behind.clear();
    try {
      const found = await options.undecided(MAX_WAITING);
      // Only ever added to: a message that was added meanwhile may have found no room.
      for (const stream of new Set(found.map((one) => one.stream))) {
        const those = found.filter((one) => one.stream === stream);
        if (those.length < MAX_WAITING) continue;
        if (those.some(({ id }) => !known.has(id) && !failed.has(id))) overflown.add(stream);
        // What failed brings us back in any case.
        else if (those.every(({ id }) => known.has(id))) behind.add(stream);
      }
      for (const one of found) if (!failed.has(one.id)) enqueue(one);
    } catch (error) {
      // What an earlier run left behind is known to the store alone: it must be asked again.
      retryLater();
      options.log.error(toldOf(error), 'the messages that wait for a decision could not be read');
      options.onFailure(error instanceof Error ? error : new Error(errorText(error)));
    } finally {
      refilling = false;
      pump();
    }
  };

  /** Once much of what is in memory is done with, in whatever lane, the store has others to give. */
  const lookBehind = () => {
    for (const stream of behind) {
      if (LANES.reduce((sum, lane) => sum + lines[lane].length(stream), 0) > MAX_WAITING / 2) continue;
      behind.delete(stream);
      overflown.add(stream);
    }
  };

  const mustRefill = () =>
    (moreInStore && waiting.length() === 0) || [...overflown].some((stream) => waiting.length(stream) === 0);

  const enqueue = (one: Waiting) => {
    if (known.has(one.id)) return;
    const { stream, sender } = one;
    if (waiting.length(stream) >= MAX_WAITING && waiting.length(stream, sender ?? '') >= ROOM_OF_SENDER) {
      overflown.add(stream);
      return;
    }
    known.add(one.id);
    waiting.push(one);
  };

  /** Whether it is done with: otherwise it waits in another lane. */
  const judgeOne = async (one: Waiting, lane: JudgeLane): Promise<boolean> => {
    const { id, stream } = one;
    try {
      const judged = await options.judge(id, lane);
      if (typeof judged === 'string') {
        const next = judged === 'needs-ocr' ? 'ocr' : 'alone';
        // Onwards only, so that nothing goes round for ever.
        if (LANES.indexOf(next) <= LANES.indexOf(lane)) throw new Error(`from ${lane} there is no ${judged}`);
        if (lines[next].length(stream) >= MAX_WAITING) throw new Error(`too many messages wait: ${judged}`);
        lines[next].push(one);
        return false;
      }
      if (judged) options.onDecided(id);
    } catch (error) {
      // Nothing was committed, so nothing was done: the message waits in the store.
      failed.add(id);
      retryLater();
      options.log.error({ id, ...toldOf(error) }, 'the message could not be decided and waits');
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

  const run = async (one: Waiting, lane: JudgeLane) => {
    const done = await judgeOne(one, lane);
    lines[lane].ended(one);
    if (done) forget(one.id);
    pump();
  };

  const pump = () => {
    for (const lane of LANES) {
      while (!stopped) {
        const one = lines[lane].begin(places[lane]);
        if (one === undefined) break;
        void run(one, lane);
      }
    }
    lookBehind();
    if (!stopped && !refilling && mustRefill()) void refill();
    settle();
  };

  pump();
  return {
    add: (id, stream = DEFAULT_STREAM, sender = '') => {
      const one = { id, stream, sender };
      if (known.has(id)) again.set(id, one);
      enqueue(one);
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

/** What the log may know: the store's own words, and of any other error, whose text may be the mail's, where it arose. */
function toldOf(error: unknown): object {
  const isOurs = error instanceof Error && error.name === 'StoreUnavailable';
  return isOurs ? { reason: error.message } : errorFacts(error);
}
