import type { Worker } from 'node:worker_threads';
import { ThreadStuck } from './errors.js';

/** Milliseconds for which a thread that was told to end is waited for: less than a system waits that ends the process. */
const ENDS_WITHIN = 20_000;

/**
 * Waits until a thread has said that it has ended, and ends it.
 * @param said what it says
 * @param stop rejects whatever still waits for an answer; gives how many that were
 * @throws ThreadStuck when it says nothing in time, as where the disk hangs. It goes on then, whenever the disk does: nobody else
 * may write what it writes until the process is gone
 */
export async function endInTime<T>(
  worker: Pick<Worker, 'terminate' | 'unref'>,
  name: string,
  said: Promise<T>,
  stop: () => number,
): Promise<T> {
  const late = Symbol();
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<typeof late>((resolve) => {
    timer = setTimeout(() => resolve(late), ENDS_WITHIN);
  });
  const found = await Promise.race([said, tooLong]);
  clearTimeout(timer);
  const unanswered = stop();
  if (found !== late) {
    await worker.terminate();
    return found;
  }
  // Within a call of the system it can't be ended.
  worker.unref();
  void worker.terminate();
  throw new ThreadStuck(
    `the ${name} thread of the store did not end within ${ENDS_WITHIN / 1000} s: what became of ${unanswered} unanswered request(s) is not known; nothing that was answered is lost`,
  );
}
