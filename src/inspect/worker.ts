import { getHeapStatistics } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { errorFacts } from '../shared/errors.js';
import { giveAway } from '../shared/give-away.js';
import { giveBackMemory } from '../shared/give-back-memory.js';
import { shippedCareModel } from './detect/care-model.js';
import { compileSettings, NO_OWN_DETECTORS, NO_SETTINGS, type OwnDetectors } from './detect/settings.js';
import { type InspectionStep, inspectStep } from './inspect-message.js';
import { renderAttachment, renderAttachments, renderMessage, renderSummary } from './render.js';
import { readStructure } from './structure.js';
import type { BatchTask, InspectTask, WorkerAnswer, WorkerSettings, WorkerTask } from './worker-task.js';

// piscina hands over what its option `workerData` held.
const settings: WorkerSettings = workerData;

// Read now, so that no mail waits for it.
shippedCareModel();

/** Entry of the inspection threads: one job at a time. */
export default async function work(task: WorkerTask): Promise<WorkerAnswer | ReturnType<typeof move>> {
  switch (task.kind) {
    case 'wake':
      return { kind: 'wake' };
    case 'inspect':
      return inspectOne(task);
    case 'batch':
      return batchOrDie(task);
    case 'protection': {
      const { protection } = readStructure(task.message, settings.limits);
      giveAway(task.message);
      return { kind: 'protection', protection };
    }
    case 'render':
      return { kind: 'render', rendered: await renderMessage(task.message) };
    case 'summary':
      return { kind: 'summary', summary: await renderSummary(task.message) };
    case 'attachments':
      return { kind: 'attachments', attachments: await renderAttachments(task.message) };
    case 'attachment':
      return { kind: 'attachment', attachment: await renderAttachment(task.message, task.index) };
  }
}

/** Bytes of a message that may leave much behind. */
const LARGE = 8 * 1024 * 1024;
/** Bytes of garbage that are worth the time it takes to collect them. */
const MUCH = 32 * 1024 * 1024;
/** Bytes that were in use when the thread had started, or garbage was last collected here. */
let inUse = bytesHeld();

/** What a large message leaves behind would stay until as much comes again. */
async function inspectOne(task: InspectTask) {
  const { length } = task.message;
  const answer = stepOrDie(task);
  if (length >= LARGE && bytesHeld() >= inUse + MUCH) {
    await giveBackMemory();
    inUse = bytesHeld();
  }
  return answer;
}

function bytesHeld(): number {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

function stepOrDie(task: InspectTask) {
  const { message, known, healthSender, gone } = task;
  return orDie(() => {
    const own = ownDetectors(task);
    if (own === undefined) return moved({ kind: 'settings-wanted', message }, [message.buffer]);
    const step = inspectStep(message, known, { ...settings, own, healthSender, gone });
    if (step.kind === 'inspect') {
      giveAway(message);
      return { kind: 'inspect' as const, step };
    }
    const memory = [message.buffer, ...memoryOf(step)];
    return moved({ kind: 'inspect', step, message }, memory);
  });
}

function batchOrDie(task: BatchTask) {
  const { message, sizes, healthSenders } = task;
  return orDie(() => {
    const own = ownDetectors(task);
    if (own === undefined) return moved({ kind: 'settings-wanted', message }, [message.buffer]);
    let end = 0;
    const steps = sizes.map((size, i) => {
      const start = end;
      end += size;
      const healthSender = healthSenders[i] === true;
      return inspectStep(message.subarray(start, end), [], { ...settings, own, healthSender });
    });
    return moved({ kind: 'batch', steps }, steps.flatMap(memoryOf));
  });
}

function memoryOf(step: InspectionStep): readonly ArrayBufferLike[] {
  return step.kind === 'documents' ? step.documents.map(({ bytes }) => bytes.buffer) : [];
}

/**
 * After an error nobody knows what the pattern engine's memory is like (an exhausted stack leaves it in the middle of
 * its work), and a thread that finds too little would call messages clean. So it reads no other message.
 */
function orDie<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    parentPort?.postMessage(errorFacts(error));
    return process.exit(1);
  }
}

/** What was compiled last, by id: while policies change, messages that were begun under the old ones still come. */
const compiled = new Map<string, OwnDetectors>([[NO_SETTINGS.id, NO_OWN_DETECTORS]]);
const MOST_COMPILED = 3;

function ownDetectors(task: Pick<InspectTask, 'detection' | 'settings'>): OwnDetectors | undefined {
  const known = compiled.get(task.detection);
  if (known !== undefined || task.settings === undefined) return known;
  const own = compileSettings(task.settings);
  for (const [id, old] of compiled) {
    if (compiled.size < MOST_COMPILED) break;
    if (id === NO_SETTINGS.id) continue;
    old.dispose();
    compiled.delete(id);
  }
  compiled.set(task.detection, own);
  return own;
}

/** An answer whose memory is handed over and not copied. */
function moved(answer: WorkerAnswer, memory: readonly ArrayBufferLike[]) {
  return move({
    get [transferableSymbol]() {
      return memory;
    },
    get [valueSymbol]() {
      return answer;
    },
  });
}
