import type { ServerResponse } from 'node:http';

/** As many connections as browsers open to one site: no honest visitor downloads more files at the same time. */
const MOST_AT_ONCE = 6;
const LONGEST_MS = 20 * 60_000;

/**
 * Counts the files that are on their way to each recipient: every one keeps a file open and some of it in memory, or all
 * of it where it can't be read piece by piece, so somebody who reads very slowly, or not at all, must not make the relay
 * hold any number of them.
 * @returns false where there are as many as one may have
 */
export function createDownloads(): (
  recipient: string,
  response: Pick<ServerResponse, 'once' | 'destroy'>,
) => boolean {
  const running = new Map<string, number>();
  return (recipient, response) => {
    const before = running.get(recipient) ?? 0;
    if (before >= MOST_AT_ONCE) return false;
    running.set(recipient, before + 1);
    const late = setTimeout(() => response.destroy(), LONGEST_MS).unref();
    response.once('close', () => {
      clearTimeout(late);
      const left = (running.get(recipient) ?? 1) - 1;
      if (left === 0) running.delete(recipient);
      else running.set(recipient, left);
    });
    return true;
  };
}
