import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { createWorker, OEM, PSM } from 'tesseract.js';
import { turnImage } from '../images/turn.js';
import type { OcrResult } from '../types.js';

export interface Recogniser {
  /**
   * The text in an image: PNG, JPEG, WebP or portable grey map. One at a time.
   * @throws Error where the image can't be decoded
   */
  recognise(image: Buffer): Promise<OcrResult>;
  /**
   * The image itself, upright, as PNG; nothing is recognised.
   * @throws Error where it can't be decoded, or not in time
   */
  decode(image: Buffer): Promise<Buffer>;
  close(): Promise<void>;
}

export interface RecogniserOptions {
  readonly deadlinePerPageMs: number;
}

interface Tesseract {
  readonly worker: Awaited<ReturnType<typeof createWorker>>;
  /** Rejects when the thread dies. */
  readonly died: Promise<never>;
}

interface Reading {
  readonly text: string;
  /** 0 to 100. */
  readonly confidence: number;
}

/**
 * Ways to look for lines, until one finds any. As one column first: rows of tables and of aligned letters stay whole,
 * where the search for blocks may take them for columns or for upright text. Then by blocks, which also finds text
 * that lies on its side. Last as one block, which needs no margin around it.
 */
const LAYOUTS = [PSM.SINGLE_COLUMN, PSM.AUTO, PSM.SINGLE_BLOCK] as const;
/** Dots per inch that are told in place of what files say, which is wrong or missing: rules of tables are known by it. */
const RESOLUTION = '200';
/** Below this the image may lie on its side or stand on its head. */
const UNSURE = 60;
/** Of the deadline: what the first reading may take for the image to be turned and read again. */
const QUICK = 0.2;

/**
 * Recognises text in images, with data that is installed: nothing is fetched. One thread is started when it is first
 * needed and kept; where it is late, it is ended and the next image gets a new one.
 */
export function createRecogniser(options: RecogniserOptions): Recogniser {
  let starting: Promise<Tesseract> | undefined;

  const stop = async (): Promise<void> => {
    const current = starting;
    starting = undefined;
    try {
      await (await current)?.worker.terminate();
    } catch {
      // It never started: there is nothing to be ended.
    }
  };

  const read = async (image: Buffer): Promise<Reading> => {
    starting ??= start();
    const { worker, died } = await starting;
    let found: Reading = { text: '', confidence: 0 };
    for (const mode of LAYOUTS) {
      await worker.setParameters({ tessedit_pageseg_mode: mode, user_defined_dpi: RESOLUTION });
      found = (await Promise.race([worker.recognize(image), died])).data;
      if (found.text.trim() !== '') break;
    }
    return found;
  };

  const readAllWays = async (image: Buffer): Promise<string> => {
    const begin = performance.now();
    const upright = await read(image);
    const took = performance.now() - begin;
    if (upright.text.trim() === '' || upright.confidence >= UNSURE) return upright.text;
    if (took > options.deadlinePerPageMs * QUICK) return upright.text;
    const texts = [upright.text];
    for (const quarters of [1, 2, 3] as const) {
      const turned = turnImage(image, quarters);
      if (turned === undefined) break;
      const reading = await read(turned);
      if (reading.confidence > upright.confidence) texts.push(reading.text);
      if (reading.confidence >= UNSURE) break;
    }
    return texts.join('\n');
  };

  const asPng = async (image: Buffer): Promise<Buffer> => {
    starting ??= start();
    const { worker, died } = await starting;
    const { data } = await Promise.race([
      worker.recognize(image, {}, { text: false, imageColor: true }),
      died,
    ]);
    return Buffer.from(data.imageColor?.replace(/^data:image\/png;base64,/, '') ?? '', 'base64');
  };

  return {
    decode: async (image) => {
      const deadline = rejectAfter(options.deadlinePerPageMs);
      try {
        return await Promise.race([asPng(image), deadline.late]);
      } catch {
        void stop();
        throw new Error('an image could not be decoded');
      } finally {
        deadline.clear();
      }
    },
    recognise: async (image) => {
      const deadline = rejectAfter(options.deadlinePerPageMs);
      try {
        return { status: 'read', text: await Promise.race([readAllWays(image), deadline.late]) };
      } catch (error) {
        // Late, or it could not be decoded: what the thread is doing now isn't known. It is not waited for.
        void stop();
        if (error instanceof Late) return { status: 'timed-out' };
        throw new Error('an image could not be decoded');
      } finally {
        deadline.clear();
      }
    },
    close: stop,
  };
}

class Late extends Error {}

function rejectAfter(milliseconds: number): { readonly late: Promise<never>; clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Late()), milliseconds);
  });
  return { late, clear: () => clearTimeout(timer) };
}

async function start(): Promise<Tesseract> {
  const worker = await createWorker('eng', OEM.LSTM_ONLY, {
    langPath: languageFolder(),
    gzip: true,
    cacheMethod: 'none',
    // Without it a failed job is thrown again outside of every promise, and ends the process.
    errorHandler: () => undefined,
  });
  const died = new Promise<never>((_, reject) => {
    const thread: unknown = Reflect.get(worker, 'worker');
    if (thread instanceof Worker) thread.on('error', () => reject(new Error('the recogniser died')));
  });
  // Nobody may be waiting when it dies.
  died.catch(() => undefined);
  return { worker, died };
}

/** Where the installed package keeps the trained data for English. */
function languageFolder(): string {
  const entry = fileURLToPath(import.meta.resolve('@tesseract.js-data/eng'));
  return join(dirname(entry), '4.0.0_best_int');
}
