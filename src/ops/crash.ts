import { errorFacts } from '../shared/errors.js';
import type { Log } from './log.js';

/**
 * Ends the process, status 1, at an error that nobody handled: nothing is known of its state any more, and everything
 * accepted is on disk. Node's own report would print the error's text and its cause, which may quote mail; here only
 * kind and place are told.
 * @param from where such errors are heard of, and how the process ends
 */
export function endOnCrash(
  log: Log,
  from: {
    on(event: 'uncaughtException', listener: (error: unknown) => void): unknown;
    exit(status: number): unknown;
  } = process,
): void {
  // Unhandled rejections arrive here, too.
  from.on('uncaughtException', (error) => {
    log.fatal(errorFacts(error), 'an error that nobody expected: the relay ends at once');
    from.exit(1);
  });
}
