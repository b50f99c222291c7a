import { spawnSync } from 'node:child_process';
import type { Spent } from './spent.js';

/**
 * Runs a program again and again, a process each and one at a time, its output thrown away. A small shell starts them: from
 * here each start would take longer.
 * @throws when the program fails
 */
export function programLoop(times: number, unitsEach: number, command: readonly string[]): Spent {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', LOOP, 'sh', String(times), ...command], {
    encoding: 'utf8',
  });
  const wall = (performance.now() - start) / 1000;
  if (status !== 0) throw new Error(`${command[0]} failed:\n${stderr}`);
  return { units: times * unitsEach, wall, cpu: cpuSeconds(stdout) };
}

const LOOP = 'n=$1; shift; while [ "$n" -gt 0 ]; do "$@" >/dev/null || exit 1; n=$((n-1)); done; times';

/** POSIX `times`: user and system time of the shell and of what it ran, as in `0m1.25s`. */
function cpuSeconds(printed: string): number {
  return [...printed.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );
}
