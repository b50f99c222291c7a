import type { Log } from '../ops/log.js';
import type { Metrics } from '../ops/metrics.js';

/** The store can't be written any more: new mail is deferred, and the relay ends. */
export interface StoreFailure {
  readonly happened: () => boolean;
  /** Resolves with the store's error. */
  readonly failed: Promise<Error>;
  /** To be given every error that may be the store's; others are of no concern here. */
  readonly report: (error: Error) => void;
  /** What is to be done in the moment it happens; at once where it has. */
  readonly whenFailed: (act: () => void) => void;
}

/** @param failed resolves when the store itself found out; all others who use it may be the first to know */
export function watchStoreFailure(
  store: { readonly failed: Promise<Error> },
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): StoreFailure {
  const acts: (() => void)[] = [];
  let happened = false;
  let resolveFailed: (error: Error) => void = () => undefined;
  const failed = new Promise<Error>((resolve) => {
    resolveFailed = resolve;
  });
  const report = (error: Error) => {
    if (happened || error.name !== 'StoreUnavailable') return;
    happened = true;
    metrics.storeFailures.inc();
    log.fatal(
      { reason: error.message },
      'the store cannot be written: new mail is deferred and the relay ends',
    );
    for (const act of acts) act();
    resolveFailed(error);
  };
  store.failed.then(report, report);
  return {
    happened: () => happened,
    failed,
    report,
    whenFailed: (act) => {
      if (happened) act();
      else acts.push(act);
    },
  };
}
