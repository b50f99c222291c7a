import { Worker } from 'node:worker_threads';
import { errorText, UserError } from '../shared/errors.js';
import { threadEntry } from '../shared/thread-entry.js';
import { endInTime } from './end-in-time.js';
import { ThreadStuck } from './errors.js';
import { type Call, type InputOf, isWrite, type OperationName, type OutputOf } from './operations/index.js';
import { StoreUnavailable } from './ports.js';
import type { FromReader, ReaderStart, ToldReader } from './reader-protocol.js';
import { threadCalls } from './thread-calls.js';
import type { WriterClient } from './writer-client.js';

/**
 * Reads that must see what was asked to be written before, though it was not answered yet: no code for the portal may
 * travel below a level that a delivery just ended has seen.
 */
const BEHIND_WRITES: ReadonlySet<OperationName> = new Set(['highestTls']);

/**
 * The writer with a reader thread beside it: operations that only read, and record nothing, don't wait for the disk. They
 * see everything whose write was answered; and no write is answered before the reads that were asked for earlier, so
 * that whoever heard of a write never gets an older state after it. A failure of either is a failure of the store.
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
  /** Answers of writes, each behind the reads that were asked for before it came. */
  const heldBack: { readonly behind: number; readonly release: () => void }[] = [];
  /** Reads are answered in the order that they were asked in. */
  const releaseWrites = (): void => {
    const oldest = calls.oldest();
    while (heldBack[0] !== undefined && (oldest === undefined || heldBack[0].behind < oldest))
      heldBack.shift()?.release();
  };
  const calls = threadCalls<ToldReader>(worker, 'reader', releaseWrites);
  /** Resolves when every read that was asked for by now is answered. */
  const readsAnswered = async (): Promise<void> => {
    if (calls.oldest() === undefined) return;
    await new Promise<void>((release) => heldBack.push({ behind: calls.newest(), release }));
  };
  let ended = false;
  let onClosed: () => void = () => undefined;

  const stop = (cause: Error): void => {
    calls.stop(new StoreUnavailable(`the store has failed: ${cause.message}`, { cause }));
    releaseWrites();
  };
  const fail = (cause: Error): void => {
    stop(cause);
    writer.fail(cause);
  };
  void writer.failed.then(stop);

  await new Promise<void>((resolve, reject) => {
    worker.on('message', (message: FromReader) => {
      switch (message.kind) {
        case 'opened':
          resolve();
          break;
        case 'answers':
          calls.settle(message.answers);
          // When those who asked have gone on with their answers.
          setImmediate(releaseWrites);
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

  function read<K extends OperationName>(name: K, input: InputOf<K>): Promise<OutputOf<K>> {
    const call: Call<K> = { name, input };
    return calls.ask((id) => ({ id, call, events: [], at: options.now() }));
  }

  const close = async (): Promise<void> => {
    const over = new StoreUnavailable('the store is closed');
    calls.refuse(over);
    const stopAll = () => {
      const unanswered = calls.unanswered();
      calls.stop(over);
      return unanswered;
    };
    const closed = new Promise<void>((resolve) => {
      onClosed = resolve;
      if (ended) resolve();
      else calls.tell({ kind: 'close' });
    });
    await endInTime(worker, 'reader', closed, stopAll);
  };

  return {
    ...writer,
    call(name, input, events = []) {
      if (isWrite(name) || events.length > 0) return writer.call(name, input, events).finally(readsAnswered);
      return BEHIND_WRITES.has(name) ? writer.call(name, input) : read(name, input);
    },
    async close() {
      // First, so that nothing hinders the writer from emptying the database's log.
      const stuck = await close().catch((error: unknown) => {
        if (error instanceof ThreadStuck) return error;
        throw error;
      });
      const problem = await writer.close();
      if (stuck !== undefined) throw stuck;
      return problem;
    },
  };
}
