import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { StructureLimits } from '../../inspect/limits.js';
import type { Log } from '../../ops/log.js';
import { errorCode } from '../../shared/errors.js';
import { slots } from '../../shared/slots.js';
import { threadEntry } from '../../shared/thread-entry.js';
import type { RewriteAnswer, RewriteTask } from './rewrite-task.js';

/** Heap of one thread in megabytes. Buffers aren't part of it. */
const HEAP_MB = 1024;

/** Threads that rewrite messages. */
export interface Rewriter {
  /** A thread that dies or is late gives `ok: false`. @throws after `close`, or where the program itself is incomplete */
  rewrite(task: Omit<RewriteTask, 'limits'>): Promise<RewriteAnswer>;
  close(): Promise<void>;
}

export function createRewriter(options: {
  readonly threads: number;
  readonly limits: StructureLimits & { readonly deadline: number };
  readonly log: Log;
}): Rewriter {
  const { threads, limits, log } = options;
  const pool = new Piscina<RewriteTask, RewriteAnswer>({
    filename: fileURLToPath(threadEntry(import.meta.url, './worker.js')),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 1,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  pool.on('error', (error) => log.error({ error: nameOf(error) }, 'a rewriting thread died'));
  const free = slots(threads);
  const { max_depth, max_parts, max_part_text } = limits;
  let closed = false;
  return {
    rewrite: (task) =>
      free.run(async () => {
        if (closed) throw new Error('the rewriter is closed');
        try {
          const whole = { ...task, limits: { max_depth, max_parts, max_part_text } };
          return await pool.run(whole, { signal: AbortSignal.timeout(limits.deadline) });
        } catch (error) {
          // Not the message's fault: it is judged again later.
          if (closed || errorCode(error) === 'ERR_MODULE_NOT_FOUND') throw error;
          log.warn({ error: nameOf(error) }, 'a message could not be rewritten');
          return { ok: false, reason: 'rewriting it took too long or failed' };
        }
      }),
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
