import { execFileSync } from 'node:child_process';
import { findTool } from '../support/find-tool.js';

export interface OneCore {
  /** For people: what was done. */
  readonly note: string;
  readonly release: () => void;
}

/** Keeps this process and whatever it starts from now on to one core, where `taskset` is installed. */
export function holdToOneCore(): OneCore {
  const taskset = findTool('taskset');
  if (taskset === undefined)
    return { note: 'One job at a time, on any core: taskset is not installed.', release: () => undefined };
  const pid = String(process.pid);
  const said = execFileSync(taskset, ['-c', '-p', pid], { encoding: 'utf8' });
  const cores = /:\s*([\d,-]+)\s*$/.exec(said)?.[1];
  if (cores === undefined) throw new Error('taskset does not say which cores may be used');
  const hold = (list: string) => execFileSync(taskset, ['-a', '-c', '-p', list, pid], { stdio: 'ignore' });
  const core = cores.split(/[,-]/)[0] ?? '0';
  hold(core);
  return { note: `One job at a time, everything on core ${core}.`, release: () => void hold(cores) };
}
