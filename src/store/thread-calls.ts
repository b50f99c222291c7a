import type { Worker } from 'node:worker_threads';
import { errorText } from '../shared/errors.js';
import { ChangeRefused } from './errors.js';
import type { OperationName, OutputOf } from './operations/index.js';
import { StoreUnavailable } from './ports.js';
import type { WriterAnswer, WriterRequest } from './writer-core.js';

interface Waiting {
  /** Whoever asked knows the type of the answer. */
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  /** By `performance.now`. */
  readonly askedAt: number;
}

/** What is asked of one of the store's threads and not yet answered. `Other`: what goes to it beside requests. */
export interface ThreadCalls<Other> {
  /**
   * Asks; what `make` gives must not be changed until the answer is there, because it travels at the end of this turn.
   * @throws ChangeRefused when it can't be passed to the thread or was refused there, StoreUnavailable after `stop`
   */
  ask<K extends OperationName>(make: (id: number) => WriterRequest<K>): Promise<OutputOf<K>>;
  /** As `ask`, for what is told at once, behind everything asked before. */
  askNow<T>(make: (id: number) => Other): Promise<T>;
  /** Tells the thread something that has no answer of its own, behind everything asked before. */
  tell(message: Other): void;
  settle(answers: readonly WriterAnswer[]): void;
  /** The oldest question without an answer; questions are numbered in the order in which they are asked. */
  oldest(): number | undefined;
  /** The newest question. */
  newest(): number;
  /** For how many milliseconds the oldest question has waited for its answer; 0 when none does. */
  waitedFor(): number;
  /** How many questions wait for an answer. */
  unanswered(): number;
  /** From now on nothing is asked any more; what waits for an answer still gets it. */
  refuse(why: StoreUnavailable): void;
  /** As `refuse`, and what waits is rejected. What did not travel yet never does. */
  stop(why: StoreUnavailable): void;
}

/**
 * Gathers what is asked in one turn of the event loop into one message, because each message costs a copy of its own, a
 * wake-up and an event, several times what it says. The order is kept.
 * @param name of the thread, for errors
 * @param onRejected runs when a question could not be passed to the thread
 */
export function threadCalls<Other>(
  worker: Pick<Worker, 'postMessage'>,
  name: string,
  onRejected: () => void = () => undefined,
): ThreadCalls<Other> {
  const waiting = new Map<number, Waiting>();
  let gathered: { readonly id: number; readonly request: unknown }[] = [];
  let scheduled: NodeJS.Immediate | undefined;
  let nextId = 1;
  let unavailable: StoreUnavailable | undefined;

  const post = (
    message: Other | { readonly kind: 'requests'; readonly requests: readonly unknown[] },
  ): void => worker.postMessage(message);

  const reject = (id: number, error: Error): void => {
    const one = waiting.get(id);
    waiting.delete(id);
    one?.reject(error);
    onRejected();
  };
  const notPassed = (cause: unknown): ChangeRefused =>
    new ChangeRefused(`the request cannot be passed to the ${name} thread: ${errorText(cause)}`);

  const flush = (): void => {
    clearImmediate(scheduled);
    scheduled = undefined;
    if (gathered.length === 0) return;
    const all = gathered;
    gathered = [];
    try {
      post({ kind: 'requests', requests: all.map(({ request }) => request) });
    } catch {
      // One of them can't be passed, and nothing of the message was: each on its own shows which.
      for (const one of all) {
        try {
          post({ kind: 'requests', requests: [one.request] });
        } catch (error) {
          reject(one.id, notPassed(error));
        }
      }
    }
  };

  return {
    ask(make) {
      if (unavailable !== undefined) return Promise.reject(unavailable);
      return new Promise((resolve, rejectIt) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject: rejectIt, askedAt: performance.now() });
        gathered.push({ id, request: make(id) });
        scheduled ??= setImmediate(flush);
      });
    },
    askNow(make) {
      if (unavailable !== undefined) return Promise.reject(unavailable);
      return new Promise((resolve, rejectIt) => {
        const id = nextId++;
        waiting.set(id, { resolve, reject: rejectIt, askedAt: performance.now() });
        flush();
        try {
          post(make(id));
        } catch (error) {
          reject(id, notPassed(error));
        }
      });
    },
    tell(message) {
      flush();
      post(message);
    },
    settle(answers) {
      for (const answer of answers) {
        const one = waiting.get(answer.id);
        if (one === undefined) continue;
        waiting.delete(answer.id);
        if (answer.ok) one.resolve(trusted(answer.value));
        else if (answer.why === 'refused') one.reject(new ChangeRefused(answer.message));
        else one.reject(new StoreUnavailable(answer.message));
      }
    },
    oldest: () => waiting.keys().next().value,
    newest: () => nextId - 1,
    waitedFor() {
      const [oldest] = waiting.values();
      return oldest === undefined ? 0 : performance.now() - oldest.askedAt;
    },
    unanswered: () => waiting.size,
    refuse(why) {
      unavailable ??= why;
    },
    stop(why) {
      unavailable ??= why;
      gathered = [];
      clearImmediate(scheduled);
      scheduled = undefined;
      for (const one of waiting.values()) one.reject(unavailable);
      waiting.clear();
    },
  };
}

/** Values come from the thread's operation of the same name; the compiler can't follow them through the port. */
function trusted(value: unknown): never;
function trusted(value: unknown): unknown {
  return value;
}
