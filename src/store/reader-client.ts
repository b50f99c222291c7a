import { Worker } from 'node:worker_threads';
import { errorText, UserError } from '../shared/errors.js';
import { threadEntry } from '../shared/thread-entry.js';
import { ChangeRefused } from './errors.js';
import { type Call, type InputOf, isWrite, type OperationName, type OutputOf } from './operations/index.js';
import { StoreUnavailable } from './ports.js';
import type { FromReader, ReaderStart, ToReader } from './reader-protocol.js';
import type { WriterClient } from './writer-client.js';
import type { WriterAnswer } from './writer-core.js';

interface Waiting {
  /** Whoever asked knows the type of the answer. */
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The writer with a reader thread beside it: operations that only read, and record nothing, don't wait for the disk. They
 * see everything whose write was answered. A failure of either is a failure of the store.
 * @throws UserError when the reader could not open the database, which the writer must have opened before
 */
export async function withReader(
  writer: WriterClient,
  options: ReaderStart & { readonly now: () => number },
): Promise<WriterClient> {
  const start: ReaderStart = { file: options.file };
  const worker = new Worker(threadEntry(import.meta.url, './reader-thread.js'), {
    name: 'sallyport-reader',
    workerData: start,
    // No keys from the environment, no loaders of the caller.
    env: {},
    execArgv: [],
  });
  const waiting = new Map<number, Waiting>();
  let nextId = 1;
  let unavailable: StoreUnavailable | undefined;
  let ended = false;
  let onClosed: () => void = () => undefined;

  const stop = (cause: Error): void => {
    unavailable ??= new StoreUnavailable(`the store has failed: ${cause.message}`, { cause });
    for (const one of waiting.values()) one.reject(unavailable);
    waiting.clear();
  };
  const fail = (cause: Error): void => {
    stop(cause);
    writer.fail(cause);
  };
  void writer.failed.then(stop);

  const settle = (answer: WriterAnswer): void => {
    const one = waiting.get(answer.id);
    if (one === undefined) return;
    waiting.delete(answer.id);
    if (answer.ok) one.resolve(trusted(answer.value));
    else if (answer.why === 'refused') one.reject(new ChangeRefused(answer.message));
    else one.reject(new StoreUnavailable(answer.message));
  };

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromReader) => {
      switch (message.kind) {
        case 'opened':
          resolve();
          break;
        case 'answers':
          message.answers.forEach(settle);
          break;
        case 'failed':
          fail(new Error(message.message));
          break;
        case 'closed':
          ended = true;
          onClosed();
          break;
      }
    });
    const died = (cause: Error): void => {
      reject(new UserError(`the reader thread ended: ${errorText(cause)}`, { cause }));
      if (!ended) fail(cause);
      ended = true;
      onClosed();
    };
    worker.on('error', died);
    worker.on('exit', (code) => {
      if (!ended) died(new Error(`exit status ${code}`));
    });
  });

  const post = <K extends OperationName>(message: ToReader<K>): void => worker.postMessage(message);

  function read<K extends OperationName>(name: K, input: InputOf<K>): Promise<OutputOf<K>> {
    if (unavailable !== undefined) return Promise.reject(unavailable);
    return new Promise((resolve, reject) => {
      const id = nextId++;
      const call: Call<K> = { name, input };
      waiting.set(id, { resolve, reject });
      try {
        post({ kind: 'request', request: { id, call, events: [], at: options.now() } });
      } catch (error) {
        waiting.delete(id);
        reject(new ChangeRefused(`the request cannot be passed to the reader thread: ${errorText(error)}`));
      }
    });
  }

  const close = async (): Promise<void> => {
    unavailable ??= new StoreUnavailable('the store is closed');
    if (!ended) {
      const closed = new Promise<void>((resolve) => {
        onClosed = resolve;
      });
      post({ kind: 'close' });
      await closed;
    }
    stop(unavailable);
    await worker.terminate();
  };

  return {
    ...writer,
    call: (name, input, events = []) =>
      events.length === 0 && !isWrite(name) ? read(name, input) : writer.call(name, input, events),
    async close() {
      // First, so that nothing hinders the writer from emptying the database's log.
      await close();
      return writer.close();
    },
  };
}

/** Values come from the thread's operation of the same name; the compiler can't follow them through the port. */
function trusted(value: unknown): never;
function trusted(value: unknown): unknown {
  return value;
}
