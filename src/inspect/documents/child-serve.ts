import { createHash } from 'node:crypto';
import type { FromChild, ToChild } from './child-messages.js';
import type { Preview } from './preview/preview.js';
import { type OcrSource, readDocument } from './run-document.js';
import type { FormatReader, OcrResult } from './types.js';

export interface Readers {
  readonly reader: (kind: string) => Promise<FormatReader | undefined>;
  /** Recognises the text of an image; kept between jobs. */
  readonly recognise: (image: Buffer, deadlineMs: number) => Promise<OcrResult>;
  readonly draw: (
    bytes: Buffer,
    job: Pick<Extract<ToChild, { kind: 'draw' }>, 'wish' | 'limits' | 'deadlineMs'>,
  ) => Promise<Preview>;
}

type Job = Extract<ToChild, { kind: 'job' }>;

/**
 * Serves the process that started this one: reads one document after the other and tells each part as it is read.
 * Whatever goes wrong ends this process; the one that started it knows what that means.
 */
export function serve(readers: Readers): void {
  const asked = new Map<number, (text: string | undefined) => void>();
  let query = 0;

  const tell = (message: FromChild) => {
    process.send?.(message);
  };
  const known = (digest: string): Promise<string | undefined> =>
    new Promise((resolve) => {
      query += 1;
      asked.set(query, resolve);
      tell({ kind: 'ask', query, digest });
    });

  const ocrFor = (job: Job): OcrSource | undefined => {
    if (job.ocr === 'none') return undefined;
    let recognised = 0;
    return {
      text: async ({ bytes }) => {
        const digest = createHash('sha256').update(bytes).digest('hex');
        const text = await known(digest);
        if (text !== undefined) return { status: 'read', text };
        if (job.ocr === 'quick') return { status: 'unknown' };
        recognised += 1;
        if (recognised > job.limits.maxPages) return { status: 'timed-out' };
        const result = await readers.recognise(bytes, job.deadlinePerPageMs);
        if (result.status === 'read') tell({ kind: 'recognised', digest, text: result.text });
        return result;
      },
    };
  };

  const work = async (job: Job) => {
    const { bytes, ...about } = job.input;
    const input = { ...about, bytes: asBuffer(bytes) };
    const { needsOcr } = await readDocument(input, job.limits, {
      reader: readers.reader,
      ocr: ocrFor(job),
      emit: (part) => tell({ kind: 'part', id: job.id, part }),
    });
    tell({ kind: 'done', id: job.id, needsOcr: [...needsOcr] });
  };

  const draw = async ({ id, bytes, ...job }: Extract<ToChild, { kind: 'draw' }>) => {
    tell({ kind: 'drawn', id, preview: await readers.draw(asBuffer(bytes), job) });
  };

  process.on('message', (message: ToChild) => {
    switch (message.kind) {
      case 'job':
        return void work(message);
      case 'draw':
        return void draw(message);
      case 'known':
        asked.get(message.query)?.(message.text);
        asked.delete(message.query);
    }
  });
  process.on('disconnect', () => process.exit(0));
  tell({ kind: 'ready' });
}

/** The same memory, not a copy. */
function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
