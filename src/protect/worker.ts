import { workerData } from 'node:worker_threads';
import { type CopyAccess, openCopies } from '../store/copies.js';
import { seal } from './seal.js';
import type { SealAnswer, SealTask } from './seal-task.js';

// piscina hands over what its option `workerData` held.
const access: CopyAccess = workerData;
const bodies = openCopies(access);

/** Entry of the sealing threads: one copy at a time. */
export default function work(task: SealTask): Promise<SealAnswer> {
  return seal(bodies, task);
}
