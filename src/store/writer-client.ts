import { Worker } from 'node:worker_threads';
import type { RetentionPlan } from '../audit/retention.js';
import { errorText, UserError } from '../shared/errors.js';
import { threadEntry } from '../shared/thread-entry.js';
import { endInTime } from './end-in-time.js';
import type { Call, InputOf, OperationName, OutputOf } from './operations/index.js';
import { type Events, StoreUnavailable } from './ports.js';
import { threadCalls } from './thread-calls.js';
import type { FromWriter, LogAtStart, ToldWriter, WriterStart } from './writer-protocol.js';

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
  /**
   * Declares the store failed (something outside the thread did, as a sync of a file): nothing is asked any more. What was
   * asked before still gets its answer, since the thread does it all the same, and who was told no would ask again for what
   * is done.
   */
  fail(cause: Error): void;
  readonly failed: Promise<Error>;
  /** For how many milliseconds the oldest question has waited for its answer; 0 when none does. */
  unansweredFor(): number;
  /**
   * The relay is to end: from now on a thread that doesn't answer in time has failed. Until then it is waited for, since a disk
   * may take long, and clients are told nothing meanwhile.
   */
  expectAnswers(): void;
  /**
   * Finishes what was asked and ends the thread; gives what went wrong while closing, if anything did.
   * @throws ThreadStuck when the thread doesn't end in time
   */
  close(): Promise<string | undefined>;
}

/**
 * Milliseconds for which answers are waited for once something outside the thread has failed: a slow disk has said by then
 * what it did, and clients still wait.
 */
const ANSWERS_WITHIN = 20_000;
/** So often, in milliseconds, it is seen whether one has come. */
const SEEN_EVERY = 1000;

/**
 * Starts the writer thread and waits until it has opened its files.
 * @throws UserError when it could not
 */
export async function startWriter(
  start: WriterStart,
  hooks: {
    readonly now: () => number;
    readonly onCheckpoint: (line: string) => void;
    readonly onOpened?: (log: LogAtStart) => void;
    /** Readers have hindered relay.db's log from being emptied for so many milliseconds; undefined: now it was. */
    readonly onLogKept?: (hinderedMs: number | undefined) => void;
  },
): Promise<WriterClient> {
  const worker = new Worker(threadEntry(import.meta.url, './writer-thread.js'), {
    name: 'sallyport-writer',
    workerData: start,
    // No keys from the environment, no loaders of the caller.
    env: {},
    execArgv: [],
  });
  const calls = threadCalls<ToldWriter>(worker, 'writer');
  let unavailable: StoreUnavailable | undefined;
  let reportFailed: (error: Error) => void;
  const failed = new Promise<Error>((resolve) => {
    reportFailed = resolve;
  });
  let ended = false;
  const onClosed: ((problem: string | undefined) => void)[] = [];

  let giveUp: NodeJS.Timeout | undefined;
  let expecting: NodeJS.Timeout | undefined;

  /** Gives why nothing is asked any more, which is what was found first. */
  const fail = (cause: Error): StoreUnavailable => {
    if (unavailable !== undefined) return unavailable;
    unavailable = new StoreUnavailable(`the store has failed: ${cause.message}`, { cause });
    calls.refuse(unavailable);
    reportFailed(unavailable);
    return unavailable;
  };
  /** As `fail`, where no answer will come any more. */
  const failAll = (cause: Error): void => stop(fail(cause));
  const stop = (why: StoreUnavailable): void => {
    clearTimeout(giveUp);
    clearInterval(expecting);
    calls.stop(why);
  };
  const expectAnswers = (): void => {
    expecting ??= setInterval(() => {
      const waited = calls.waitedFor();
      if (waited < ANSWERS_WITHIN) return;
      failAll(
        new Error(
          `its thread has not answered for ${Math.round(waited / 1000)} s, so it is not known what became of ${calls.unanswered()} change(s)`,
        ),
      );
    }, SEEN_EVERY);
    expecting.unref();
  };
  const end = (problem: string | undefined): void => {
    ended = true;
    for (const resolve of onClosed.splice(0)) resolve(problem);
  };
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromWriter) => {
      switch (message.kind) {
        case 'opened':
          hooks.onOpened?.(message.log);
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
          calls.settle(message.answers);
          break;
        case 'checkpoint':
          hooks.onCheckpoint(message.line);
          break;
        case 'log-kept':
          hooks.onLogKept?.(message.hinderedMs);
          break;
        case 'log-emptied':
          hooks.onLogKept?.(undefined);
          break;
        case 'failed':
          failAll(new Error(message.message));
          break;
        case 'closed':
          end(message.problem);
          break;
      }
    });
    const died = (cause: Error): void => {
      reject(new UserError(`the writer thread ended: ${errorText(cause)}`, { cause }));
      if (!ended) failAll(cause);
      end('the writer thread ended early');
    };
    worker.on('error', died);
    worker.on('exit', (code) => {
      if (!ended) died(new Error(`exit status ${code}`));
    });
  });

  return {
    call<K extends OperationName>(name: K, input: InputOf<K>, events: Events = []): Promise<OutputOf<K>> {
      const call: Call<K> = { name, input };
      return calls.ask((id) => ({ id, call, events, at: hooks.now() }));
    },
    auditHead: () => calls.askNow((id) => ({ kind: 'audit-head', id })),
    pruneAudit: (input) => calls.askNow((id) => ({ kind: 'prune-audit', id, at: hooks.now(), ...input })),
    tick() {
      if (unavailable === undefined) calls.tell({ kind: 'tick', at: hooks.now() });
    },
    fail(cause) {
      if (unavailable !== undefined) return;
      const why = fail(cause);
      giveUp = setTimeout(() => calls.stop(why), ANSWERS_WITHIN);
    },
    failed,
    unansweredFor: () => calls.waitedFor(),
    expectAnswers,
    async close() {
      if (ended) return undefined;
      const problem = new Promise<string | undefined>((resolve) => onClosed.push(resolve));
      calls.tell({ kind: 'close', at: hooks.now() });
      const why = unavailable ?? new StoreUnavailable('the store is closed');
      unavailable = why;
      calls.refuse(why);
      return endInTime(worker, 'writer', problem, () => {
        const unknown = calls.unanswered();
        stop(why);
        return unknown;
      });
    },
  };
}
