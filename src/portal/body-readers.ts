import { Readable } from 'node:stream';
import type { SealedBody } from '../model/message.js';
import type { BodyStore } from '../store/ports.js';

/** Which sealed content is being read, so that none is while it is destroyed. */
export interface BodyReaders extends Pick<BodyStore, 'open'> {
  /**
   * Runs a task while nobody reads these: readers are cut first, their files closed, and new ones fail until the task is
   * over.
   */
  without<T>(keys: readonly string[], task: () => Promise<T>): Promise<T>;
}

/** What tells sealed content from every other: its own key, as sealed. */
export function bodyKey({ wrappedKey }: Pick<SealedBody, 'wrappedKey'>): string {
  return Buffer.from(wrappedKey).toString('base64');
}

export function createBodyReaders(bodies: Pick<BodyStore, 'open'>): BodyReaders {
  const reading = new Map<string, Set<Readable>>();
  const barred = new Map<string, number>();
  const bar = (key: string, by: 1 | -1): void => {
    const times = (barred.get(key) ?? 0) + by;
    if (times === 0) barred.delete(key);
    else barred.set(key, times);
  };
  return {
    open(body, range) {
      const key = bodyKey(body);
      if (barred.has(key)) return failing();
      // Always of a range: the chunks of a whole body go past the stream, and whoever went through them could not be cut.
      const stream = bodies.open(body, range ?? { start: 0, end: body.size });
      const all = reading.get(key) ?? new Set();
      reading.set(key, all.add(stream));
      // Whoever reads it hears of it, too; one that nobody has begun to read must not end the process.
      stream.on('error', () => undefined);
      stream.once('close', () => {
        all.delete(stream);
        if (all.size === 0 && reading.get(key) === all) reading.delete(key);
      });
      return stream;
    },
    async without(keys, task) {
      for (const key of keys) bar(key, 1);
      try {
        await Promise.all(keys.flatMap((key) => [...(reading.get(key) ?? [])]).map(cut));
        return await task();
      } finally {
        for (const key of keys) bar(key, -1);
      }
    },
  };
}

/** Resolves when its file is closed. */
function cut(stream: Readable): Promise<void> {
  return new Promise((closed) => {
    if (stream.closed) return closed();
    stream.once('close', closed);
    stream.destroy(new ContentEnds());
  });
}

function failing(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.on('error', () => undefined);
  return stream.destroy(new ContentEnds());
}

class ContentEnds extends Error {
  override readonly name = 'ContentEnds';
  constructor() {
    super('the content is being destroyed');
  }
}
