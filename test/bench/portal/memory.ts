import { existsSync, readFileSync } from 'node:fs';

/** Resident bytes of a process and all that it started; undefined where the system doesn't tell. */
export function residentBytes(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  return tree(pid).reduce((sum, one) => sum + ofOne(one), 0);
}

/** Seconds of processor time that a process with all its threads and children took so far; undefined as above. */
export function processorSeconds(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/stat`)) return undefined;
  return tree(pid).reduce((sum, one) => sum + ticksOf(one), 0) / TICKS_PER_SECOND;
}

/** What Linux counts in here, on every machine. */
const TICKS_PER_SECOND = 100;

/** User and system time: fields 14 and 15 of proc(5), counted behind the name, which may hold anything. */
function ticksOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
}

/** Looks every 50 ms, until `stop`, which gives the most that was seen. */
export function watchMemory(pid: number): { stop(): number | undefined } {
  let most = residentBytes(pid);
  const look = () => {
    const now = residentBytes(pid);
    if (now !== undefined) most = Math.max(most ?? 0, now);
  };
  const timer = setInterval(look, 50);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return most;
    },
  };
}

function tree(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(tree)];
}

function ofOne(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0) * 1024;
}

/** Nothing of a process that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
