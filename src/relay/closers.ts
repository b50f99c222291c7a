import type { Log } from '../ops/log.js';
import { errorText } from '../shared/errors.js';
import { ThreadStuck } from '../store/errors.js';

/** What a running relay has to undo, in reverse order, whether it stops or could not start. */
export interface Closers {
  readonly add: (close: () => Promise<void> | void) => void;
  /** Resolves when all are done; one that fails is logged. @throws ThreadStuck when the disk hangs */
  readonly closeAll: () => Promise<void>;
}

export function createClosers(log: Log): Closers {
  const closers: (() => Promise<void> | void)[] = [];
  return {
    add: (close) => {
      closers.push(close);
    },
    async closeAll() {
      let stuck: ThreadStuck | undefined;
      for (const close of closers.splice(0).reverse()) {
        try {
          await close();
        } catch (error) {
          if (error instanceof ThreadStuck) stuck = error;
          // One that fails must not keep the others, and the store behind them, from closing.
          log.error({ reason: errorText(error) }, 'a part did not close cleanly');
        }
      }
      if (stuck !== undefined) throw stuck;
    },
  };
}
