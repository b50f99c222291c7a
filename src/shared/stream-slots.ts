import { createLine, type OfStream } from './line.js';

export interface StreamSlots {
  /** Waits for a free slot and runs the job in it. Senders of one stream take turns. */
  run<T>(stream: string, job: () => Promise<T>, sender?: string): Promise<T>;
}

/**
 * Bounds how many jobs run at once, as `slots` does, for mail of several streams: urgent ones go first, and none waits
 * for ever behind others that never end.
 * @param count greater than 0
 */
export function streamSlots(
  count: number,
  options: { readonly priority: (stream: string) => number; readonly streams: () => readonly string[] },
): StreamSlots {
  const line = createLine<OfStream & { readonly start: () => void }>(options);
  const pump = () => {
    for (let next = line.begin(count); next !== undefined; next = line.begin(count)) next.start();
  };
  return {
    async run(stream, job, sender = '') {
      const place = await new Promise<OfStream>((resolve) => {
        line.push({ stream, sender, start: () => resolve({ stream }) });
        pump();
      });
      try {
        return await job();
      } finally {
        line.ended(place);
        pump();
      }
    },
  };
}
