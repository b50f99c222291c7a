import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Log } from '../ops/log.js';
import { errorCode } from '../shared/errors.js';
import { slots } from '../shared/slots.js';
import { threadEntry } from '../shared/thread-entry.js';
import type { CopyAccess } from '../store/copies.js';
import type { SealAnswer, SealTask } from './seal-task.js';
import type { SealWork } from './worker.js';

/**
 * Heap of one thread in megabytes; content streams, so keys and packets are all that it holds. The young generation is small so
 * that it is cleared often, and with it the blocks of content outside the heap: with the usual size these pile up until each
 * 64 MB of them make the collector go through everything, which takes longer than sealing.
 */
export const THREAD_LIMITS = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 8 } as const;
/** Longest work on one copy, in milliseconds. */
const DEADLINE_MS = 5 * 60_000;
/**
 * Longest wait for a thread. Whoever waits has a place on the way to a server and keys that were right when the wait began, so it
 * goes back to the store instead, and comes again.
 */
const WAIT_MS = 5 * 60_000;

/** Threads that make sealed copies. */
export interface Sealer {
  /**
   * A thread that dies or is late gives `failed`.
   * @throws when the copy could not be written, no thread was free in time, or after `close`
   */
  seal(task: SealTask): Promise<SealAnswer>;
  close(): Promise<void>;
}

export function createSealer(options: {
  readonly threads: number;
  /** Asked for each time: a rotation of the master key changes it. */
  readonly access: () => CopyAccess;
  readonly log: Log;
}): Sealer {
  const { threads, log } = options;
  const pool = new Piscina<SealWork, SealAnswer>({
    filename: fileURLToPath(threadEntry(import.meta.url, './worker.js')),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 1,
    env: {},
    resourceLimits: THREAD_LIMITS,
  });
  pool.on('error', (error) => log.error({ error: nameOf(error) }, 'a sealing thread died'));
  const free = slots(threads);
  let closed = false;
  return {
    seal: (task) =>
      free.run(async () => {
        if (closed) throw new Error('the sealer is closed');
        try {
          return await pool.run(
            { task, access: options.access() },
            { signal: AbortSignal.timeout(DEADLINE_MS) },
          );
        } catch (error) {
          // Neither is the fault of content or keys: the attempt is repeated.
          if (closed || errorCode(error) === 'ERR_MODULE_NOT_FOUND' || nameOf(error) === 'CopyNotWritten')
            throw error;
          log.warn({ error: nameOf(error) }, 'a copy could not be sealed');
          return { kind: 'failed', reason: 'sealing the content took too long or failed' };
        }
      }, WAIT_MS),
    async close() {
      if (closed) return;
      closed = true;
      await pool.close();
    },
  };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
