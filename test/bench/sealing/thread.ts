import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { OpenPgpSealingKey, X509SealingKey } from '../../../src/keys/types.js';
import { PRODUCT_URLS, THREAD_LIMITS } from '../product.js';
import type { Spent } from '../spent.js';
import type { CertificateToJudge, PgpKeyToJudge } from './keys.js';

export type RawCipher = 'aes-256-cbc' | 'aes-256-gcm' | 'aes-256-cfb' | 'aes-256-ocb';

export interface SmimeAlgorithms {
  readonly cipher: 'aes-256-cbc' | 'aes-256-gcm';
  readonly keyTransport: 'rsa-pkcs1' | 'rsa-oaep';
}

interface AnyJob {
  readonly message: 'small' | 'large';
  /** It is repeated for so long on the clock. */
  readonly seconds: number;
  /** What one time counts for. */
  readonly unitsEach: number;
}

/** Keys are used in turn, each once at least; where one is to be judged, it is judged for each message and used instead. */
export type Job =
  | (AnyJob & {
      readonly kind: 'pgp';
      readonly keys: readonly OpenPgpSealingKey[];
      readonly judge?: PgpKeyToJudge;
    })
  | (AnyJob & {
      readonly kind: 'smime';
      readonly keys: readonly X509SealingKey[];
      readonly judge?: CertificateToJudge;
      readonly algorithms: SmimeAlgorithms;
    })
  | (AnyJob & { readonly kind: 'raw'; readonly cipher: RawCipher; readonly lines: boolean });

export interface SealingThread {
  /** One job at a time. Rejects when something could not be sealed. */
  readonly run: (job: Job) => Promise<Spent>;
  readonly close: () => Promise<void>;
}

/** The thread in which everything of ours runs that is measured in memory. */
export function startThread(messages: Readonly<Record<AnyJob['message'], Uint8Array>>): SealingThread {
  const worker = new Worker(new URL('thread.mjs', import.meta.url), {
    workerData: { product: PRODUCT_URLS, messages },
    resourceLimits: THREAD_LIMITS,
    // tsx isn't needed there.
    execArgv: [],
  });
  return {
    async run(job) {
      worker.postMessage(job);
      const [spent]: Spent[] = await once(worker, 'message');
      if (spent === undefined) throw new Error('the thread said nothing');
      return spent;
    },
    async close() {
      await worker.terminate();
    },
  };
}
