import { type CopyAccess, openCopies } from '../store/copies.js';
import { seal } from './seal.js';
import type { SealAnswer, SealTask } from './seal-task.js';

/** What a sealing thread is given. */
export interface SealWork {
  readonly task: SealTask;
  readonly access: CopyAccess;
}

/** Entry of the sealing threads: one copy at a time. */
export default function work({ task, access }: SealWork): Promise<SealAnswer> {
  return seal(openCopies(access), task);
}
