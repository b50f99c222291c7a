import { workerData } from 'node:worker_threads';
import { inspectMessage } from './inspect-message.js';
import { renderAttachment, renderMessage } from './render.js';
import type { WorkerAnswer, WorkerSettings, WorkerTask } from './worker-task.js';

// piscina hands over what its option `workerData` held.
const settings: WorkerSettings = workerData;

/** Entry of the inspection threads: one job at a time. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer> {
  switch (task.kind) {
    case 'inspect':
      return { kind: 'inspect', inspection: inspectMessage(task.message, settings) };
    case 'render':
      return { kind: 'render', rendered: await renderMessage(task.message) };
    case 'attachment':
      return { kind: 'attachment', attachment: await renderAttachment(task.message, task.index) };
  }
}
