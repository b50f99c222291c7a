import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { PRODUCT_URLS } from '../product.js';
import type { Spent } from '../spent.js';

export interface InspectionJob {
  readonly kind: 'inspect' | 'mailparser';
  readonly mails: readonly Uint8Array[];
  /** What all of them together count for. */
  readonly units: number;
  /** All of them again and again for so long on the clock, once at least. */
  readonly seconds: number;
}

export interface InspectionAnswer {
  readonly spent: Spent;
  /** Milliseconds of each mail, in order. */
  readonly each: readonly number[];
}

export interface InspectionThread {
  /** One job at a time. Rejects when something could not be read. */
  readonly run: (job: InspectionJob) => Promise<InspectionAnswer>;
  readonly close: () => Promise<void>;
}

/** The thread that reads mails, with the heap that the relay's threads have. */
export function startThread(): InspectionThread {
  const worker = new Worker(new URL('thread.mjs', import.meta.url), {
    workerData: { inspectMessage: PRODUCT_URLS.inspectMessage },
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
    // tsx isn't needed there.
    execArgv: [],
  });
  return {
    async run(job) {
      worker.postMessage(job);
      const [answer]: InspectionAnswer[] = await once(worker, 'message');
      if (answer === undefined) throw new Error('the thread said nothing');
      return answer;
    },
    async close() {
      await worker.terminate();
    },
  };
}
