import { type ChildProcess, fork } from 'node:child_process';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { childFlags } from './child-flags.js';
import { type FromChild, fromChild, type OcrMode, type ToChild } from './child-messages.js';
import type { OcrCache } from './ocr-cache.js';
import type { Preview, PreviewWish } from './preview/preview.js';
import { residentSize } from './resident-size.js';
import type { DocumentInput, DocumentLimits, DocumentPart } from './types.js';

/** How a job came to its end. `late` and `too-big`: it was killed. `crashed`: it died, or talked nonsense. */
export type JobEnd = 'done' | 'late' | 'too-big' | 'crashed';

export interface JobResult {
  readonly end: JobEnd;
  /** What was read until then. */
  readonly parts: readonly DocumentPart[];
  readonly needsOcr: readonly string[];
}

export interface ChildJob {
  readonly input: DocumentInput;
  readonly limits: DocumentLimits;
  readonly ocr: OcrMode;
  readonly deadlinePerPageMs: number;
  readonly deadlineMs: number;
}

export interface DrawJob {
  readonly bytes: Buffer;
  readonly wish: PreviewWish;
  readonly limits: Pick<DocumentLimits, 'maxPages' | 'maxPixels'>;
  readonly deadlineMs: number;
}

export interface DocumentChild {
  readonly pid: number;
  /** One at a time. After an end other than `done` the process is dead. Never rejects. */
  run(job: ChildJob): Promise<JobResult>;
  /** The same for drawing a page. */
  draw(job: DrawJob): Promise<{ readonly end: JobEnd; readonly preview?: Preview }>;
  /** Documents that it has read. */
  jobs(): number;
  alive(): boolean;
  kill(): void;
}

/** What a start may take; libraries are loaded later, by the first job that needs them. */
const START_MS = 60_000;
/** How often a working process is looked at, in milliseconds. */
const WATCH_MS = process.platform === 'linux' ? 50 : 500;
/** What a process may give back beyond what it may unpack. */
const ANSWER_SLACK = 64 * 1024 * 1024;
/** Headers of a PNG, and rows that don't pack. */
const ANSWER_SLACK_PNG = 64 * 1024;
/** As much lower than mail's as recognising text may be served. */
const NICE = 10;

interface Running {
  readonly id: number;
  finish(end: JobEnd): void;
  /** What the process says about its job; false: nonsense. */
  hear(message: AboutJob): boolean;
}

type AboutJob = Extract<FromChild, { id: number }>;

/** @throws Error where the process doesn't come up: then the program is incomplete, or the machine out of memory */
export async function startChild(options: {
  readonly entry: URL;
  readonly maxMemory: number;
  readonly cache: OcrCache;
  readonly background: boolean;
}): Promise<DocumentChild> {
  const { maxMemory, cache } = options;
  const heapMb = Math.max(64, Math.floor(maxMemory / 2 / 1024 / 1024));
  const child = fork(fileURLToPath(options.entry), [], {
    // Nothing of the relay's environment, and nothing of what libraries print.
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    execArgv: childFlags(options.entry, heapMb),
  });
  const { pid } = child;
  let alive = pid !== undefined;
  let jobs = 0;
  let running: Running | undefined;
  let ready: (() => void) | undefined;

  const kill = () => {
    alive = false;
    child.kill('SIGKILL');
  };
  const end = (how: JobEnd) => {
    kill();
    running?.finish(how);
  };
  const tell = (message: ToChild) => {
    // Where it fails the process is gone, and `exit` says so.
    child.send(message, () => undefined);
  };

  child.on('error', () => end('crashed'));
  child.on('exit', () => end('crashed'));
  child.on('disconnect', () => end('crashed'));
  child.on('message', (raw) => {
    if (!alive) return;
    const parsed = fromChild.safeParse(raw);
    if (!parsed.success) return end('crashed');
    const message = parsed.data;
    switch (message.kind) {
      case 'ready':
        return ready?.();
      case 'ask':
        return tell({ kind: 'known', query: message.query, text: cache.get(message.digest) });
      case 'recognised':
        return cache.set(message.digest, message.text);
      default:
        if (running?.id !== message.id || !running.hear(message)) return end('crashed');
        return undefined;
    }
  });

  await started(child, (callback) => {
    ready = callback;
  }).catch((error: unknown) => {
    kill();
    throw error;
  });
  if (pid === undefined) throw new Error('a process without a number');
  if (options.background) lowerPriority(pid);

  /** Starts the clock and the watch of a job; gives its number. */
  const begin = (deadlineMs: number, onEnd: (how: JobEnd) => void, hear: Running['hear']): number => {
    jobs += 1;
    const id = jobs;
    const late = setTimeout(() => end('late'), deadlineMs);
    const watch = setInterval(() => {
      void residentSize(pid).then((size) => {
        if (size !== undefined && size > maxMemory && running?.id === id) end('too-big');
      });
    }, WATCH_MS);
    running = {
      id,
      hear,
      finish: (how) => {
        clearTimeout(late);
        clearInterval(watch);
        running = undefined;
        onEnd(how);
      },
    };
    return id;
  };

  return {
    pid,
    jobs: () => jobs,
    alive: () => alive,
    kill,
    run: (job) =>
      new Promise((resolve) => {
        const { deadlineMs, ...about } = job;
        const parts: DocumentPart[] = [];
        const room = {
          bytes: 2 * job.limits.maxUnpacked + ANSWER_SLACK,
          parts: 2 * job.limits.maxEntries + 2,
        };
        let needsOcr: readonly string[] = [];
        const id = begin(
          deadlineMs,
          (how) => resolve({ end: how, parts, needsOcr }),
          (message) => {
            if (message.kind === 'part') {
              room.bytes -= answerBytes(message.part);
              room.parts -= 1;
              if (room.bytes < 0 || room.parts < 0) return false;
              parts.push(message.part);
              return true;
            }
            if (message.kind !== 'done' || parts[0]?.path !== '') return false;
            needsOcr = message.needsOcr;
            running?.finish('done');
            return true;
          },
        );
        if (!alive) return running?.finish('crashed');
        tell({ kind: 'job', id, ...about });
      }),
    draw: (job) =>
      new Promise((resolve) => {
        let preview: Preview | undefined;
        const id = begin(
          job.deadlineMs,
          (how) => resolve(preview === undefined ? { end: how } : { end: how, preview }),
          (message) => {
            if (message.kind !== 'drawn' || isLargerThan(message.preview, job.wish)) return false;
            preview = message.preview;
            running?.finish('done');
            return true;
          },
        );
        if (!alive) return running?.finish('crashed');
        tell({ kind: 'draw', id, ...job });
      }),
  };
}

/** Pixels and bytes beyond what was asked for, even if they didn't pack at all. */
function isLargerThan(preview: Preview, { maxWidth, maxHeight }: PreviewWish): boolean {
  if (preview.status !== 'drawn') return false;
  const { width, height, png } = preview;
  return width > maxWidth || height > maxHeight || png.length > width * height * 4 + ANSWER_SLACK_PNG;
}

function started(child: ChildProcess, onReady: (callback: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const failed = () => {
      clearTimeout(timer);
      reject(new Error('a process that reads documents could not be started'));
    };
    const timer = setTimeout(failed, START_MS);
    child.once('error', failed);
    child.once('exit', failed);
    onReady(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** Characters and bytes of an answer, about as much as it takes of memory. */
export function answerBytes(part: DocumentPart): number {
  const texts = part.texts.reduce((sum, one) => sum + one.text.length, 0);
  return texts + (part.entity?.bytes.length ?? 0);
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, NICE);
  } catch {
    // A nicety: where the system forbids it, scans compete with mail on equal terms.
  }
}
