import { EventEmitter } from 'node:events';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import type { Config } from '../config/schema.js';
import type { ExistingProtection, Inspection } from '../model/inspection.js';
import { unreadInspection } from '../model/unread-inspection.js';
import type { Log } from '../ops/log.js';
import { errorCode, UserError } from '../shared/errors.js';
import { slots } from '../shared/slots.js';
import { threadEntry } from '../shared/thread-entry.js';
import { createBatches, SMALL, type SmallMessage } from './batches.js';
import type { ContentPlace } from './content-place.js';
import { decodeStream } from './decode-stream.js';
import { type DetectionSettings, NO_SETTINGS } from './detect/settings.js';
import type { ReadDocument } from './documents/desk.js';
import { createDocumentPool, type DocumentPool, ReadersFailed } from './documents/pool.js';
import type { Preview, PreviewWish } from './documents/preview/preview.js';
import type { InspectionStep } from './inspect-message.js';
import { inspectWhole, type OcrWish } from './inspect-whole.js';
import type { AttachmentContent, MessageSummary, RenderedMessage } from './rendered-message.js';
import type { WorkerAnswer, WorkerSettings, WorkerTask } from './worker-task.js';

export { DETECTORS } from './detect/index.js';
export type { Preview, PreviewWish } from './documents/preview/preview.js';
export type { AttachmentContent, MessageSummary, RenderedMessage } from './rendered-message.js';

/** Heap of one thread in megabytes; a message that needs more counts as unread. Buffers aren't part of it. */
const HEAP_MB = 1024;

/** Of this, in megabytes, strings and objects that were made a moment ago: more is no faster, and stays in memory. */
const YOUNG_MB = 24;

/** How long several small messages may take together, in milliseconds: alone, each of them has its whole deadline. */
const BATCH_MS = 15_000;

/** How long one rendering for a person may take at most, in milliseconds: somebody waits for it, and others behind. */
const PERSON_MS = 10_000;

/** What an inspection depends on beside the message. */
export interface InspectContext {
  readonly detection: DetectionSettings;
  /** The sender provides care (`isHealthSender`). */
  readonly healthSender: boolean;
  /** As `InspectOptions.gone`. */
  readonly gone?: readonly string[];
}

const NO_CONTEXT: InspectContext = { detection: NO_SETTINGS, healthSender: false };

export interface Inspector {
  /**
   * Inspects a message. Its memory is given away: the caller's array may be empty afterwards, unless it was a view of a
   * larger one. A job that dies or is late gives an Inspection with `failure` set; it never rejects for anything in the
   * message, only after `close`, or where the program itself is incomplete.
   */
  inspect(message: Uint8Array, context?: InspectContext): Promise<Inspection>;
  /** The same, but a message with images whose text has to be recognised gives `needs-ocr`, without doing that. */
  inspectQuickly(message: Uint8Array, context?: InspectContext): Promise<Inspection | 'needs-ocr'>;
  /**
   * The sender's own protection of a message that is not inspected; its memory is transferred as by `inspect`. Undefined:
   * none, or it could not be told.
   */
  protection(message: Uint8Array): Promise<ExistingProtection | undefined>;
  /** Renders a message for a person. @throws UserError when it can't be rendered in time */
  render(message: Uint8Array): Promise<RenderedMessage>;
  /** One attachment, by its index in the rendered message. @throws UserError when there is none */
  attachment(message: Uint8Array, index: number): Promise<AttachmentContent>;
  /** All attachments, as `attachment` gives them. @throws UserError when they can't be read in time */
  attachments(message: Uint8Array): Promise<readonly AttachmentContent[]>;
  /** What a list shows of a message, by its first bytes. @throws UserError when it can't be read in time */
  summary(start: Uint8Array): Promise<MessageSummary>;
  /** Decodes, as they come, the bytes of an attachment's place in its message: see `RenderedAttachment.place`. */
  decode(source: AsyncIterable<unknown>, encoding: ContentPlace['encoding']): AsyncIterable<Uint8Array>;
  /** One page of an attachment, drawn by a process of its own. Nothing in the document makes it reject. */
  preview(attachment: Uint8Array, wish: PreviewWish): Promise<Preview>;
  /** Ends the recognition of text in images, now and from now on: `inspect` of messages that need it rejects. */
  abandonOcr(): void;
  /** Ends threads and processes. Threads finish what they are at; messages whose documents are being read reject. */
  close(): Promise<void>;
}

/** Starts the inspection threads: our own code in one pool, rendering for people in another, their lists in a third. */
export function createInspector(options: {
  readonly limits: Config['inspect'];
  readonly fingerprintKey: Uint8Array;
  readonly log: Log;
}): Inspector {
  const { limits, log } = options;
  const workers = limits.workers ?? availableParallelism();
  const settings: WorkerSettings = { limits, fingerprintKey: options.fingerprintKey };
  // Where nobody looks into mail, no thread waits for it.
  const inspecting = pool(workers, limits.enabled ? 1 : 0, settings);
  // Rendering runs other people's parser; it must not hold up, or take down, the inspection of mail.
  const rendering = pool(Math.min(workers, 2), 0, settings);
  const inspectSlots = slots(workers);
  // Small messages are bounded by nobody else (src/judging.ts), and what is read in their documents needn't be small.
  const readingSlots = slots(2 * workers);
  const renderSlots = slots(Math.min(workers, 2));
  // Lists are there at once, whatever message somebody has opened.
  const listing = pool(1, 0, settings);
  const listSlots = slots(1);
  inspecting.on('message', (facts) => log.warn({ facts }, 'an inspection failed; its thread is replaced'));
  for (const threads of [inspecting, rendering, listing]) {
    // A thread that dies between two jobs is replaced; unheard, its error would end the whole process.
    threads.on('error', (error) => log.error({ error: errorName(error) }, 'a thread of the inspector died'));
  }
  // Ending a thread that is still loading modules aborts the whole process (Node 20), so closing waits for it. That it could
  // not load is told to whoever gives it work.
  const awake = limits.enabled ? inspecting.run({ kind: 'wake' }).catch(() => undefined) : undefined;
  let closed = false;
  let readers: DocumentPool | undefined;
  const documents = () => {
    readers ??= createDocumentPool({ limits, cores: availableParallelism(), log });
    return readers;
  };

  const inBatches = createBatches({
    threads: workers,
    slots: inspectSlots,
    together,
    gather: () => new Promise((resolve) => setImmediate(resolve)),
    onLost: (messages, error) =>
      log.warn({ messages, error: errorName(error) }, 'messages inspected together are inspected one by one'),
  });

  const run = async (
    threads: Piscina<WorkerTask, WorkerAnswer>,
    task: WorkerTask & { readonly message: Uint8Array<ArrayBuffer> },
    deadline = limits.deadline,
  ): Promise<WorkerAnswer> => {
    // AbortSignal.timeout makes much garbage for each task.
    const signal = new EventEmitter();
    const timer = setTimeout(() => signal.emit('abort'), deadline);
    try {
      return await threads.run(task, { signal, transferList: [task.message.buffer] });
    } finally {
      clearTimeout(timer);
    }
  };
  const refuseClosed = () => {
    if (closed) throw new Error('the inspector is closed');
  };

  const forReader = <K extends 'render' | 'summary' | 'attachment' | 'attachments'>(
    kind: K,
    task: WorkerTask & { readonly message: Uint8Array<ArrayBuffer>; readonly kind: K },
  ): Promise<Extract<WorkerAnswer, { kind: K }>> => {
    const [places, threads] = kind === 'summary' ? [listSlots, listing] : [renderSlots, rendering];
    return places.run(async () => {
      const answer = await forPerson(async () => {
        // A thread that is still loading must not be ended (Node 20), and its start is none of the message's time.
        await threads.run({ kind: 'wake' });
        return run(threads, task, Math.min(limits.deadline, PERSON_MS));
      });
      if (!isAnswer(answer, kind)) throw new Error('the rendering thread gave the wrong answer');
      return answer;
    });
  };

  return {
    async inspect(message, context = NO_CONTEXT) {
      const inspection = await inspectWith(message, context, 'now');
      if (inspection === 'needs-ocr') throw new Error('an inspection that was to use OCR asks for it');
      return inspection;
    },
    inspectQuickly: (message, context = NO_CONTEXT) => inspectWith(message, context, 'later'),
    protection: (message) =>
      inspectSlots.run(async () => {
        refuseClosed();
        const size = message.length;
        try {
          // A thread that is still loading must not be ended (Node 20), and its start is none of the message's time.
          await inspecting.run({ kind: 'wake' });
          const answer = await run(inspecting, { kind: 'protection', message: ownMemory(message) });
          return isAnswer(answer, 'protection') ? answer.protection : undefined;
        } catch (error) {
          if (closed || errorCode(error) === 'ERR_MODULE_NOT_FOUND') throw error;
          // It is sealed once more, which is never weaker.
          log.warn(
            { size, error: errorName(error) },
            'whether its sender sealed a message could not be told',
          );
          return undefined;
        }
      }),
    async render(message) {
      refuseClosed();
      return (await forReader('render', { kind: 'render', message: ownMemory(message) })).rendered;
    },
    async attachment(message, index) {
      refuseClosed();
      const answer = await forReader('attachment', {
        kind: 'attachment',
        message: ownMemory(message),
        index,
      });
      if (answer.attachment === undefined) throw new UserError('the message has no such attachment');
      return answer.attachment;
    },
    async attachments(message) {
      refuseClosed();
      return (await forReader('attachments', { kind: 'attachments', message: ownMemory(message) }))
        .attachments;
    },
    async summary(start) {
      refuseClosed();
      return (await forReader('summary', { kind: 'summary', message: ownMemory(start) })).summary;
    },
    decode: decodeStream,
    async preview(attachment, wish) {
      refuseClosed();
      const { buffer, byteOffset, byteLength } = attachment;
      return documents().draw(Buffer.from(buffer, byteOffset, byteLength), wish);
    },
    abandonOcr() {
      documents().closeOcr();
    },
    async close() {
      if (closed) return;
      closed = true;
      // Recognising a long scan takes minutes; it is done again after the next start.
      await readers?.close();
      await awake;
      await Promise.all([inspecting.close(), rendering.close(), listing.close()]);
    },
  };

  async function inspectWith(
    message: Uint8Array,
    { detection, healthSender, gone = [] }: InspectContext,
    ocr: OcrWish,
  ): Promise<Inspection | 'needs-ocr'> {
    refuseClosed();
    const size = message.length;
    let own: Uint8Array<ArrayBuffer> | undefined = ownMemory(message);
    /** Within a place. */
    const look = async (known: readonly ReadDocument[]): Promise<InspectionStep> => {
      refuseClosed();
      if (own === undefined) throw new Error('the message did not come back');
      const task = (bytes: Uint8Array<ArrayBuffer>) => ({
        kind: 'inspect' as const,
        message: bytes,
        known,
        detection: detection.id,
        healthSender,
        gone,
      });
      const first = task(own);
      own = undefined;
      let answer = await run(inspecting, first);
      // Each thread is told once: dictionaries may be long.
      if (answer.kind === 'settings-wanted')
        answer = await run(inspecting, { ...task(ownMemory(answer.message)), settings: detection });
      if (answer.kind !== 'inspect') throw new Error('the inspecting thread gave the wrong answer');
      if (answer.message !== undefined) own = ownMemory(answer.message);
      return answer.step;
    };
    const step = (known: readonly ReadDocument[]) =>
      known.length === 0 && own !== undefined && size <= SMALL && gone.length === 0
        ? inBatches({ message: own, detection, healthSender, alone: () => look(known) })
        : inspectSlots.run(() => look(known));
    // Recognising text takes long, and has places of its own.
    const bounds = size <= SMALL && ocr === 'later' ? { reading: readingSlots.run } : {};
    try {
      return await inspectWhole({ step, ...bounds, pool: documents, limits, ocr });
    } catch (error) {
      // None of these is the message's fault: it must not count as unread for them.
      if (closed || error instanceof ReadersFailed || errorCode(error) === 'ERR_MODULE_NOT_FOUND')
        throw error;
      // Unread, never clean: policies see the failure and the part's status.
      const failure = isLate(error) ? 'timed-out' : 'crashed';
      log.warn({ failure, size, error: errorName(error) }, 'a message could not be inspected');
      return unreadInspection(failure, size);
    }
  }

  async function together(batch: readonly SmallMessage[]): Promise<readonly InspectionStep[]> {
    refuseClosed();
    const [first] = batch;
    if (first === undefined) return [];
    const all = new Uint8Array(batch.reduce((sum, { message }) => sum + message.length, 0));
    let end = 0;
    for (const { message } of batch) {
      all.set(message, end);
      end += message.length;
    }
    const task = (message: Uint8Array<ArrayBuffer>) => ({
      kind: 'batch' as const,
      message,
      sizes: batch.map((one) => one.message.length),
      healthSenders: batch.map((one) => one.healthSender),
      detection: first.detection.id,
    });
    const deadline = Math.min(limits.deadline, BATCH_MS);
    let answer = await run(inspecting, task(all), deadline);
    if (answer.kind === 'settings-wanted')
      answer = await run(
        inspecting,
        { ...task(ownMemory(answer.message)), settings: first.detection },
        deadline,
      );
    if (answer.kind !== 'batch') throw new Error('the inspecting thread gave the wrong answer');
    return answer.steps;
  }

  async function forPerson(ask: () => Promise<WorkerAnswer>): Promise<WorkerAnswer> {
    try {
      return await ask();
    } catch (error) {
      log.warn({ error: errorName(error) }, 'a message could not be rendered');
      throw new UserError('this message cannot be displayed; ask its sender to send it in another form');
    }
  }
}

function isAnswer<K extends WorkerAnswer['kind']>(
  answer: WorkerAnswer,
  kind: K,
): answer is Extract<WorkerAnswer, { kind: K }> {
  return answer.kind === kind;
}

function pool(threads: number, least: number, workerData: WorkerSettings): Piscina<WorkerTask, WorkerAnswer> {
  return new Piscina({
    filename: fileURLToPath(threadEntry(import.meta.url, './worker.js')),
    minThreads: Math.min(least, threads),
    maxThreads: threads,
    idleTimeout: 60_000,
    concurrentTasksPerWorker: 1,
    recordTiming: false,
    workerData,
    // No keys from the environment: rendering runs other people's parser.
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB, maxYoungGenerationSizeMb: YOUNG_MB },
  });
}

/** Memory that can be given away: the array's own, or a copy where it is a view of something larger. */
function ownMemory(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = message;
  return buffer instanceof ArrayBuffer && buffer.byteLength === message.byteLength
    ? new Uint8Array(buffer)
    : Uint8Array.from(message);
}

function isLate(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The kind of an error without its message, which could quote mail. */
function errorName(error: unknown): string {
  return errorCode(error) ?? (error instanceof Error ? error.name : typeof error);
}
