import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Seconds of processor time of processes with all that they started, those included that ended meanwhile. */
export function processorSeconds(pids: readonly number[]): number {
  return pids.flatMap(tree).reduce((sum, pid) => sum + ticksOf(pid), 0) / TICKS_PER_SECOND;
}

/** Bytes in memory, with what processes share divided among them (PSS, or RSS where the system doesn't tell). */
export function memoryOf(pids: readonly number[]): number {
  return pids.flatMap(tree).reduce((sum, pid) => sum + kilobytesOf(pid), 0) * 1024;
}

/** Looks a few times a second until `stop`, which gives the most that was seen. */
export function watchMemory(pids: readonly number[]): { stop(): number } {
  let most = memoryOf(pids);
  const look = () => {
    most = Math.max(most, memoryOf(pids));
  };
  const timer = setInterval(look, 200);
  return {
    stop: () => {
      clearInterval(timer);
      look();
      return most;
    },
  };
}

/** Seconds of processor time of this process's children that have ended. */
export function waitedForSeconds(): number {
  return sumOf(fieldsOf(process.pid).slice(13, 15)) / TICKS_PER_SECOND;
}

function tree(pid: number): readonly number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(tree)];
}

/** User and system time of a process and of its children that were waited for: fields 14 to 17 of proc(5). */
function ticksOf(pid: number): number {
  return sumOf(fieldsOf(pid).slice(11, 15));
}

/** Those behind the name of its program, which may hold anything. */
function fieldsOf(pid: number): readonly string[] {
  return read(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
}

function sumOf(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Number(field), 0);
}

function kilobytesOf(pid: number): number {
  const shared = /^Pss:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  return Number(shared ?? /^VmRSS:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? 0);
}

/** Nothing of a process that has just ended. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
