import type { Config } from '../../config/schema.js';
import type { PartStatus } from '../../model/inspection.js';
import type { Log } from '../../ops/log.js';
import { slots } from '../../shared/slots.js';
import { threadEntry } from '../../shared/thread-entry.js';
import type { OcrMode } from './child-messages.js';
import { type DocumentChild, type JobEnd, type JobResult, startChild } from './child-process.js';
import { createOcrCache, type OcrCache } from './ocr-cache.js';
import type { Preview, PreviewWish } from './preview/preview.js';
import { residentSize } from './resident-size.js';
import type { DocumentInput, DocumentLimits, DocumentPart } from './types.js';

export interface PoolReading {
  /** The document itself (path `''`) first. Of one that couldn't be read to its end, it says why. */
  readonly parts: readonly DocumentPart[];
  /** Paths of parts whose images are still to be recognised. */
  readonly needsOcr: readonly string[];
  readonly complete: boolean;
  /** Without the time spent waiting for a free process. */
  readonly elapsedMs: number;
}

/** The processes are closed or can't be started. It says nothing about the document. */
export class ReadersFailed extends Error {
  override readonly name = 'ReadersFailed';
}

export interface DocumentPool {
  /**
   * Reads a document in another process, where it is killed when it is late or takes too much memory.
   * @param options.deadlineMs called when a process is free: what is left of the message's time, in milliseconds
   * @throws ReadersFailed after `close`, or where processes can't be started; nothing for what is in the document
   */
  read(
    input: DocumentInput,
    options: { readonly ocr: OcrMode; readonly deadlineMs: () => number },
  ): Promise<PoolReading>;
  /**
   * Draws one page for a person, in a process that reads no mail. Kept nowhere.
   * @throws ReadersFailed after `close`, or where processes can't be started; nothing for what is in the document
   */
  draw(bytes: Buffer, wish: PreviewWish): Promise<Preview>;
  /** Kills the processes that recognise text; what they were at rejects, and what comes for them. */
  closeOcr(): void;
  /** Kills all processes; what they were at rejects. */
  close(): Promise<void>;
}

/** Jobs after which a process is replaced: libraries leak, and who took one over shouldn't keep it. */
const MAX_JOBS = 200;
/** Of the memory that a process may take: what it may keep between two jobs. */
const GROWN = 0.5;
const DEFAULT_WORKERS = 4;
/** Pages drawn at once, and how long one may take, in milliseconds: somebody waits for it. */
const DRAWERS = 1;
const DRAW_MS = 10_000;

const FAILURES: Readonly<Record<Exclude<JobEnd, 'done'>, PartStatus>> = {
  late: 'timed-out',
  'too-big': 'corrupt',
  crashed: 'corrupt',
};

/**
 * Three lanes of processes, started when they are needed: one reads documents, one recognises text in images, one draws
 * pages for people, who must not hold up mail.
 */
export function createDocumentPool(options: {
  readonly limits: Config['inspect'];
  readonly cores: number;
  readonly log: Log;
  /** Entry of the processes; another one in tests. */
  readonly entry?: URL;
}): DocumentPool {
  const { documents } = options.limits;
  const limits = documentLimits(options.limits);
  const entry = options.entry ?? threadEntry(import.meta.url, './child.js');
  const cache = createOcrCache();
  const lane = (workers: number, background: boolean) =>
    createLane({ workers, background, entry, cache, maxMemory: documents.max_memory });
  const quick = lane(documents.workers ?? Math.min(DEFAULT_WORKERS, options.cores), false);
  const recognising = lane(documents.ocr.workers, true);
  const drawing = lane(DRAWERS, true);

  return {
    async read(input, { ocr, deadlineMs }) {
      const chosen = ocr === 'ocr' ? recognising : quick;
      return chosen.use(async (first, another) => {
        const started = performance.now();
        const left = () => deadlineMs() - (performance.now() - started);
        const job = (): Parameters<DocumentChild['run']>[0] => ({
          input,
          limits,
          ocr,
          deadlinePerPageMs: documents.ocr.deadline_per_page,
          deadlineMs: Math.max(1, Math.min(left(), 2 ** 31 - 1)),
        });
        const isFresh = first.jobs() === 0;
        let result = await first.run(job());
        if (chosen.closed()) throw new ReadersFailed('the readers of documents are closed');
        // What it read before may have left it in disorder; that isn't this document's fault.
        if (result.end === 'crashed' && !isFresh && left() > 0) result = await (await another()).run(job());
        if (chosen.closed()) throw new ReadersFailed('the readers of documents are closed');
        if (result.end !== 'done') {
          const { end } = result;
          options.log.warn({ end, size: input.bytes.length }, 'a document could not be read');
        }
        return { ...withFailure(result), elapsedMs: performance.now() - started };
      });
    },
    draw: (bytes, wish) =>
      drawing.use(async (child): Promise<Preview> => {
        const { end, preview } = await child.draw({ bytes, wish, limits, deadlineMs: DRAW_MS });
        if (drawing.closed()) throw new ReadersFailed('the readers of documents are closed');
        if (end === 'done' && preview !== undefined) return preview;
        options.log.warn({ end, size: bytes.length }, 'a page could not be drawn');
        return { status: end === 'late' ? 'late' : 'corrupt' };
      }),
    closeOcr: () => recognising.close(),
    async close() {
      drawing.close();
      quick.close();
      recognising.close();
    },
  };
}

/** Limits of one document, from the configuration. */
export function documentLimits({ documents, max_part_text }: Config['inspect']): DocumentLimits {
  return {
    maxDepth: documents.max_depth,
    maxEntries: documents.max_entries,
    maxUnpacked: documents.max_unpacked,
    maxRatio: documents.max_ratio,
    maxText: max_part_text,
    maxPages: documents.max_pages,
    maxPixels: documents.max_pixels,
  };
}

function withFailure({ end, parts, needsOcr }: JobResult): Omit<PoolReading, 'elapsedMs'> {
  if (end === 'done') return { parts, needsOcr, complete: true };
  const status = FAILURES[end];
  const [root, ...others] = parts;
  const failed: DocumentPart =
    root === undefined
      ? { path: '', mediaType: 'application/octet-stream', status, size: 0, texts: [], oddities: [] }
      : { ...root, status };
  return { parts: [failed, ...others], needsOcr: [], complete: false };
}

interface Lane {
  /** Runs a job with a process of its own for that time. */
  use<T>(job: (child: DocumentChild, another: () => Promise<DocumentChild>) => Promise<T>): Promise<T>;
  close(): void;
  closed(): boolean;
}

function createLane(options: {
  readonly workers: number;
  readonly background: boolean;
  readonly entry: URL;
  readonly cache: OcrCache;
  readonly maxMemory: number;
}): Lane {
  const { run } = slots(options.workers);
  const idle: DocumentChild[] = [];
  const all = new Set<DocumentChild>();
  let closed = false;

  const start = async () => {
    if (closed) throw new ReadersFailed('the readers of documents are closed');
    const child = await startChild(options).catch((error: unknown) => {
      throw new ReadersFailed('a process that reads documents could not be started', { cause: error });
    });
    if (closed) {
      child.kill();
      throw new ReadersFailed('the readers of documents are closed');
    }
    all.add(child);
    return child;
  };
  const take = async (): Promise<DocumentChild> => {
    for (let child = idle.pop(); child !== undefined; child = idle.pop()) {
      if (child.alive()) return child;
      all.delete(child);
    }
    return start();
  };
  const giveBack = async (child: DocumentChild) => {
    const grown = ((await residentSize(child.pid)) ?? 0) > options.maxMemory * GROWN;
    if (child.alive() && child.jobs() < MAX_JOBS && !grown && !closed) {
      idle.push(child);
      return;
    }
    child.kill();
    all.delete(child);
  };

  return {
    use: (job) =>
      run(async () => {
        const taken: DocumentChild[] = [];
        const keep = (child: DocumentChild) => {
          taken.push(child);
          return child;
        };
        try {
          return await job(keep(await take()), async () => keep(await start()));
        } finally {
          for (const child of taken) await giveBack(child);
        }
      }),
    close() {
      closed = true;
      for (const child of all) child.kill();
    },
    closed: () => closed,
  };
}
