import { readFileSync } from 'node:fs';

/*
 * Load is small enough for each run of the tests; `SALLYPORT_LOAD=20` makes it so many times larger, for a run by hand.
 */

const factor = Number(process.env.SALLYPORT_LOAD ?? 1);
if (!(factor >= 1)) throw new Error('SALLYPORT_LOAD must be a number from 1');

/** So many in a usual run, more by `SALLYPORT_LOAD`. */
export function many(count: number): number {
  return Math.round(count * factor);
}

/** How long a test under load may take at most, in milliseconds. */
export const LOAD_TIMEOUT = 600_000 * factor;

/** Resident memory of a process, in bytes. Linux only. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} has no memory`);
  return Number(kilobytes) * 1024;
}

/**
 * Why so many connections can't be opened here, each taking a descriptor of this process and one of the relay; undefined:
 * they can. Node.js raises its soft limit to the hard one by itself, so the hard one counts.
 */
export function whyNotSoMany(connections: number): string | undefined {
  if (process.platform !== 'linux') return 'it is for Linux';
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1];
  const needed = connections + 500;
  return hard === 'unlimited' || Number(hard) >= needed
    ? undefined
    : `it needs ${needed} file descriptors, and \`ulimit -Hn\` is ${hard}`;
}
