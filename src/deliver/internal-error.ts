import type { Log } from '../ops/log.js';
import { errorCode } from '../shared/errors.js';

/** A bug on our side, or a store that failed, in the middle of an attempt. */
export function logInternalError(log: Log, messageId: string, error: unknown): void {
  // The error's own text may hold anything; its name and place are enough to find it.
  log.error(
    {
      id: messageId,
      error: error instanceof Error ? error.name : typeof error,
      code: errorCode(error),
      at: error instanceof Error ? error.stack?.match(/\n\s+at [^\n]*/)?.[0]?.trim() : undefined,
    },
    'an attempt failed inside the relay; it is repeated later',
  );
}
