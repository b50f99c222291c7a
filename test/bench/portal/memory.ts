import { existsSync, readFileSync } from 'node:fs';

/** Resident bytes of a process and all that it started; undefined where the system doesn't tell. */
export function residentBytes(pid: number): number | undefined {
  if (!existsSync(`/proc/${pid}/status`)) return undefined;
  return tree(pid).reduce((sum, one) => sum + ofOne(one), 0);
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
