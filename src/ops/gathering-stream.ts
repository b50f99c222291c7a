import type { DestinationStream } from 'pino';

/** How long a line that tells of nothing wrong may wait for others, in milliseconds. */
const WAIT_MS = 20;
/** Characters that wait at most. */
const MOST = 64 * 1024;
/** As pino begins a line of level trace, debug or info. */
const CALM = /^\{"level":[123]0,/;

/**
 * Lines that tell of nothing wrong wait a moment, so that those of many deliveries cost one write. A warning or an error
 * goes out at once, with all that waited before it. `flushSync` writes what waits; pino calls it for what is fatal.
 */
export function gathering(to: DestinationStream): DestinationStream & { readonly flushSync: () => void } {
  let waiting = '';
  let timer: NodeJS.Timeout | undefined;
  const flushSync = () => {
    clearTimeout(timer);
    timer = undefined;
    const lines = waiting;
    waiting = '';
    if (lines !== '') to.write(lines);
  };
  return {
    write(line) {
      waiting += line;
      if (!CALM.test(line) || waiting.length > MOST) flushSync();
      else timer ??= setTimeout(flushSync, WAIT_MS).unref();
    },
    flushSync,
  };
}
