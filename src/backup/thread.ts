import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../shared/errors.js';
import { type BackupPlan, type Drafted, draftBackup } from './make.js';

/** What the thread says at its end. */
export type FromBackup =
  | { readonly ok: true; readonly drafted: Drafted }
  | { readonly ok: false; readonly reason: string };

/* A thread of its own: copying a database is synchronous, and the relay goes on meanwhile. */

const plan: BackupPlan = workerData;

async function work(): Promise<FromBackup> {
  try {
    return { ok: true, drafted: await draftBackup(plan) };
  } catch (error) {
    return { ok: false, reason: errorText(error) };
  }
}

parentPort?.postMessage(await work());
