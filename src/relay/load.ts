import { availableParallelism } from 'node:os';
import type { Config } from '../config/schema.js';

/** Messages for each inspecting thread that are on their way to a decision; few of the larger ones are in memory. */
const JUDGED_AT_ONCE = 32;

/** Threads of each kind that work on mail: inspecting, sealing, rewriting. */
export function workThreads({ inspect }: Config): number {
  return inspect.workers ?? availableParallelism();
}

/** Messages on their way to a decision. Most of them wait for the disk at any time, so that many share one sync. */
export function judgedAtOnce(config: Config): number {
  return JUDGED_AT_ONCE * workThreads(config);
}
