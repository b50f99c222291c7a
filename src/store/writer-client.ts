import { Worker } from 'node:worker_threads';
import type { RetentionPlan } from '../audit/retention.js';
import { errorText, UserError } from '../shared/errors.js';
import { threadEntry } from '../shared/thread-entry.js';
import { ChangeRefused } from './errors.js';
import type { Call, InputOf, OperationName, OutputOf } from './operations/index.js';
import { type Events, StoreUnavailable } from './ports.js';
import type { WriterAnswer } from './writer-core.js';
import type { FromWriter, ToWriter, WriterStart } from './writer-protocol.js';

/** The writer thread as the main thread sees it. */
export interface WriterClient {
  /**
   * Asks for one operation; resolves when it and its events are on disk.
   * @throws StoreUnavailable when they could not be written; ChangeRefused when this operation alone was refused
   */
  call<K extends OperationName>(name: K, input: InputOf<K>, events?: Events): Promise<OutputOf<K>>;
  auditHead(): Promise<{ readonly seq: number; readonly hash: string }>;
  pruneAudit(input: {
    readonly retention: number;
    readonly actor: string;
    readonly most: number;
  }): Promise<RetentionPlan>;
  /** Lets the thread see the time, for checkpoints that are due by it. */
  tick(): void;
  /** Declares the store failed (a sync outside the thread failed). */
  fail(cause: Error): void;
  readonly failed: Promise<Error>;
  /** Finishes what was asked and ends the thread; gives what went wrong while closing, if anything did. */
  close(): Promise<string | undefined>;
}

interface Waiting {
  /** Whoever asked knows the type of the answer. */
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts the writer thread and waits until it has opened its files.
 * @throws UserError when it could not
 */
export async function startWriter(
  start: WriterStart,
  hooks: { readonly now: () => number; readonly onCheckpoint: (line: string) => void },
): Promise<WriterClient> {
  const worker = new Worker(threadEntry(import.meta.url, './writer-thread.js'), {
    name: 'sallyport-writer',
    workerData: start,
    // No keys from the environment, no loaders of the caller.
    env: {},
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let unavailable: StoreUnavailable | undefined;
  let reportFailed: (error: Error) => void;
  const failed = new Promise<Error>((resolve) => {
    reportFailed = resolve;
  });
  let ended = false;
  const onClosed: ((problem: string | undefined) => void)[] = [];

  const rejectAll = (error: Error): void => {
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };
  const fail = (cause: Error): void => {
    if (unavailable !== undefined) return;
    unavailable = new StoreUnavailable(`the store has failed: ${cause.message}`, { cause });
    rejectAll(unavailable);
    reportFailed(unavailable);
  };
  const end = (problem: string | undefined): void => {
    ended = true;
    for (const resolve of onClosed.splice(0)) resolve(problem);
  };
  const post = <K extends OperationName>(message: ToWriter<K>): void => worker.postMessage(message);

  const settle = (answer: WriterAnswer): void => {
    const one = waiting.get(answer.id);
    if (one === undefined) return;
    waiting.delete(answer.id);
    if (answer.ok) one.resolve(trusted(answer.value));
    else if (answer.why === 'refused') one.reject(new ChangeRefused(answer.message));
    else one.reject(new StoreUnavailable(answer.message));
  };

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromWriter) => {
      switch (message.kind) {
        case 'opened':
          resolve();
          break;
        case 'not-opened':
          reject(
            new UserError(
              message.forUser ? message.message : `cannot open ${start.file}: ${message.message}`,
            ),
          );
          break;
        case 'answers':
          message.answers.forEach(settle);
          break;
        case 'checkpoint':
          hooks.onCheckpoint(message.line);
          break;
        case 'failed':
          fail(new Error(message.message));
          break;
        case 'closed':
          end(message.problem);
          break;
      }
    });
    const died = (cause: Error): void => {
      reject(new UserError(`the writer thread ended: ${errorText(cause)}`, { cause }));
      if (!ended) fail(cause);
      end('the writer thread ended early');
    };
    worker.on('error', died);
    worker.on('exit', (code) => {
      if (!ended) died(new Error(`exit status ${code}`));
    });
  });

  function ask<T, K extends OperationName>(make: (id: number) => ToWriter<K>): Promise<T> {
    if (unavailable !== undefined) return Promise.reject(unavailable);
    return new Promise<T>((resolve, reject) => {
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      try {
        post(make(id));
      } catch (error) {
        waiting.delete(id);
        reject(new ChangeRefused(`the request cannot be passed to the writer thread: ${errorText(error)}`));
      }
    });
  }

  return {
    call<K extends OperationName>(name: K, input: InputOf<K>, events: Events = []): Promise<OutputOf<K>> {
      const call: Call<K> = { name, input };
      return ask((id) => ({ kind: 'request', request: { id, call, events, at: hooks.now() } }));
    },
    auditHead: () => ask((id) => ({ kind: 'audit-head', id })),
    pruneAudit: (input) => ask((id) => ({ kind: 'prune-audit', id, at: hooks.now(), ...input })),
    tick() {
      if (unavailable === undefined) post({ kind: 'tick', at: hooks.now() });
    },
    fail,
    failed,
    async close() {
      if (ended) return undefined;
      const problem = new Promise<string | undefined>((resolve) => onClosed.push(resolve));
      post({ kind: 'close', at: hooks.now() });
      unavailable ??= new StoreUnavailable('the store is closed');
      const found = await problem;
      rejectAll(unavailable);
      await worker.terminate();
      return found;
    },
  };
}

/** Values come from the thread's operation of the same name; the compiler can't follow them through the port. */
function trusted(value: unknown): never;
function trusted(value: unknown): unknown {
  return value;
}
