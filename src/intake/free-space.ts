import { statfs } from 'node:fs/promises';
import type { Clock } from '../shared/clock.js';

const CACHE_MS = 3000;

/** Bytes free for us on the file system of a folder. @throws the system's error when it can't be asked */
export async function freeSpaceOf(folder: string): Promise<number> {
  const stats = await statfs(folder);
  return stats.bavail * stats.bsize;
}

/** Remembers an answer for a few seconds. A failed question is not remembered. */
export function cachedFreeSpace(ask: () => Promise<number>, clock: Clock): () => Promise<number> {
  let known: { readonly at: number; readonly bytes: number } | undefined;
  return async () => {
    if (known !== undefined && Math.abs(clock.now() - known.at) < CACHE_MS) return known.bytes;
    const bytes = await ask();
    known = { at: clock.now(), bytes };
    return bytes;
  };
}
