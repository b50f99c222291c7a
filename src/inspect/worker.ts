import { parentPort, workerData } from 'node:worker_threads';
import type { Inspection } from '../model/inspection.js';
import { errorFacts } from '../shared/errors.js';
import { inspectMessage } from './inspect-message.js';
import { renderAttachment, renderMessage } from './render.js';
import type { WorkerAnswer, WorkerSettings, WorkerTask } from './worker-task.js';

// piscina hands over what its option `workerData` held.
const settings: WorkerSettings = workerData;

/** Entry of the inspection threads: one job at a time. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer> {
  switch (task.kind) {
    case 'inspect':
      return { kind: 'inspect', inspection: inspectOrDie(task.message) };
    case 'render':
      return { kind: 'render', rendered: await renderMessage(task.message) };
    case 'attachment':
      return { kind: 'attachment', attachment: await renderAttachment(task.message, task.index) };
  }
}

/**
 * After an error nobody knows what the pattern engine's memory is like (an exhausted stack leaves it in the middle of
 * its work), and a thread that finds too little would call messages clean. So it reads no other message.
 */
function inspectOrDie(message: Uint8Array): Inspection {
  try {
    return inspectMessage(message, settings);
  } catch (error) {
    parentPort?.postMessage(errorFacts(error));
    return process.exit(1);
  }
}
