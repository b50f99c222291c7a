import type { Log } from '../ops/log.js';
import { errorText } from '../shared/errors.js';

/** How many IDs wait in memory; what is beyond stays in the store and is fetched when there is room. */
const MAX_WAITING = 5000;

/** When a message that could not be decided is tried again, in milliseconds. */
const RETRY_AFTER = 60_000;

/** Recognising text in scans takes long; it has a lane of its own, so that other mail doesn't wait for it. */
export type JudgeLane = 'quick' | 'ocr';

/** Runs `judge` for each accepted message, a few at a time, and for those that an earlier run left behind. */
export interface JudgeQueue {
  /** A message was accepted. */
  add(id: string): void;
  /** Resolves when everything added so far has been judged (or given up until the next start). */
  idle(): Promise<void>;
  /** Takes no more; resolves when the running ones are done. */
  stop(): Promise<void>;
}

/**
 * @param options.judge decides one message; a rejection leaves it in the store, to be tried again a minute later;
 *   `needs-ocr` puts it into the other lane, and is not an answer there
 * @param options.undecided IDs in the store that still wait, oldest first
 */
export function createJudgeQueue(options: {
  readonly judge: (id: string, lane: JudgeLane) => Promise<boolean | 'needs-ocr'>;
  readonly undecided: (limit: number) => Promise<readonly string[]>;
  readonly concurrency: number;
  /** Messages at once whose images are recognised. */
  readonly ocrConcurrency: number;
  readonly log: Log;
  readonly onDecided: (id: string) => void;
  readonly onFailure: (error: Error) => void;
}): JudgeQueue {
  const waiting: string[] = [];
  const known = new Set<string>();
  const failed = new Set<string>();
  const idlers: (() => void)[] = [];
  const waitingForOcr: string[] = [];
  let running = 0;
  let recognising = 0;
  // At the start the store may hold what an earlier run accepted.
  let moreInStore = true;
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
    if (running + recognising > 0 || refilling) return;
    if (!stopped && (waiting.length + waitingForOcr.length > 0 || moreInStore)) return;
    for (const wake of idlers.splice(0)) wake();
  };

  const refill = async () => {
    refilling = true;
    moreInStore = false;
    try {
      const ids = await options.undecided(MAX_WAITING);
      // Only ever set: a message that was added meanwhile may have found no room.
      if (ids.length === MAX_WAITING && ids.some((id) => !known.has(id) && !failed.has(id)))
        moreInStore = true;
      for (const id of ids) if (!failed.has(id)) enqueue(id);
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

  const enqueue = (id: string) => {
    if (known.has(id)) return;
    if (waiting.length >= MAX_WAITING) {
      moreInStore = true;
      return;
    }
    known.add(id);
    waiting.push(id);
  };

  /** Whether it is done with: otherwise it waits in the other lane, or in the store. */
  const judgeOne = async (id: string, lane: JudgeLane): Promise<boolean> => {
    try {
      const decided = await options.judge(id, lane);
      if (decided === 'needs-ocr') {
        if (lane === 'ocr') throw new Error('a message asks for OCR in the lane that has it');
        if (waitingForOcr.length >= MAX_WAITING) throw new Error('too many messages wait for OCR');
        waitingForOcr.push(id);
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

  const run = async (id: string) => {
    running++;
    const done = await judgeOne(id, 'quick');
    running--;
    if (done) known.delete(id);
    pump();
  };

  const recognise = async (id: string) => {
    recognising++;
    await judgeOne(id, 'ocr');
    recognising--;
    known.delete(id);
    pump();
  };

  const pump = () => {
    while (!stopped && running < options.concurrency) {
      const id = waiting.shift();
      if (id === undefined) break;
      void run(id);
    }
    while (!stopped && recognising < options.ocrConcurrency) {
      const id = waitingForOcr.shift();
      if (id === undefined) break;
      void recognise(id);
    }
    if (!stopped && waiting.length === 0 && moreInStore && !refilling) void refill();
    settle();
  };

  pump();
  return {
    add: (id) => {
      enqueue(id);
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
