import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SealedBody } from '../model/message.js';
import { errorCode } from '../shared/errors.js';
import {
  type BodyKey,
  CHUNK_SIZE,
  chunkCount,
  openChunk,
  sealedChunkSize,
  sealedChunkStart,
  unwrapBodyKey,
  type WrappingKeys,
} from './body-seal.js';
import { FILE_MAGIC } from './body-writer.js';
import { BodyDamaged } from './errors.js';
import type { FreshBodies } from './fresh-bodies.js';
import type { PlainRange } from './ports.js';
import type { SpareFiles } from './spare-files.js';

/** Chunks that are read at once by whoever goes through a whole body. */
const AT_ONCE = 4;
/** Memory for chunks as they are sealed; what is opened has its own. Used anew, it isn't garbage for every read. */
const spare: Buffer[] = [];
const MOST_SPARE = 4;

/** File names as the writer makes them; nothing else is ever opened or removed. */
export const BODY_FILE_NAME = /^[0-9a-f]{32}\.body$/;

/** Where bodies lie, and what opens them. */
export interface BodiesPlace {
  readonly folder: string;
  readonly wrappingKey: WrappingKeys;
  readonly fresh: FreshBodies;
  readonly spares: Pick<SpareFiles, 'reading'>;
}

/**
 * The plain bytes of a body, chunk by chunk; each chunk is checked before it is given on. The stream fails with
 * BodyDamaged at the first one that isn't right: whoever reads must not use what came before without having seen
 * the end. Of a range only the chunks it lies in are read; that the file has the right length is seen before. What is
 * still in memory comes from there.
 */
export function openBody(body: SealedBody, place: BodiesPlace, range?: PlainRange): Readable {
  // Ranges are for readers who may be many and slow: they read no chunk ahead.
  const atOnce = range === undefined ? AT_ONCE : 1;
  const chunks = () => plainChunks(body, place, atOnce, range);
  const stream = Readable.from(chunks(), {
    objectMode: false,
    ...(range === undefined ? {} : { highWaterMark: 0 }),
  });
  // Whoever goes through the whole from the first byte gets the chunks themselves: a stream's iterator costs as much as
  // opening a small body. The stream knows nothing of it then: it is neither closed by that, nor does its end end that.
  if (range === undefined) stream[Symbol.asyncIterator] = chunks;
  return stream;
}

async function* plainChunks(
  body: SealedBody,
  { folder, wrappingKey, fresh, spares }: BodiesPlace,
  atOnce: number,
  range?: PlainRange,
): AsyncGenerator<Buffer> {
  const { content, size, wrappedKey } = body;
  let { start } = range ?? { start: 0 };
  const { end } = range ?? { end: size };
  if (start < 0 || start > end || end > size) throw new RangeError('the range lies outside of the content');
  // Whatever is forgotten meanwhile is read.
  for (let piece = fresh.read(body, start, end); piece !== undefined; piece = fresh.read(body, start, end)) {
    start += piece.length;
    yield piece;
    if (start === end) return;
  }
  if (content.kind === 'inline') {
    const key = unwrapBodyKey(wrappingKey, wrappedKey, { size });
    const bytes = openChunk(key, 0, true, content.bytes);
    if (bytes.length !== size) throw new BodyDamaged('the content has another size than recorded');
    yield bytes.subarray(start, end);
    return;
  }
  if (!BODY_FILE_NAME.test(content.name)) throw new BodyDamaged('the content has an impossible file name');
  const key = unwrapBodyKey(wrappingKey, wrappedKey, { size, fileName: content.name });
  const last = chunkCount(size) - 1;
  const from = Math.min(Math.floor(start / CHUNK_SIZE), last);
  const to = Math.max(from, Math.ceil(end / CHUNK_SIZE) - 1);
  const path = join(folder, content.name);
  const closed = spares.reading(path);
  try {
    const file = await openFile(path);
    try {
      await checkShape(file, size);
      for (let index = from; index <= to; index += atOnce) {
        const chunks = await readChunks(file, key, size, index, Math.min(index + atOnce, to + 1));
        for (const [at, chunk] of chunks.entries()) {
          const before = (index + at) * CHUNK_SIZE;
          yield chunk.subarray(Math.max(0, start - before), end - before);
        }
      }
    } finally {
      await file.close();
    }
  } finally {
    closed();
  }
}

/** Reads chunks `from` to `to`, which isn't one of them, at once, and opens them. */
async function readChunks(
  file: FileHandle,
  key: BodyKey,
  size: number,
  from: number,
  to: number,
): Promise<readonly Buffer[]> {
  const count = chunkCount(size);
  const begin = sealedChunkStart(from);
  const end = sealedChunkStart(to - 1) + sealedChunkSize(size, to - 1);
  const memory = takeMemory(end - begin);
  const sealed = await readExactly(file, FILE_MAGIC.length + begin, memory.subarray(0, end - begin));
  const chunks: Buffer[] = [];
  for (let index = from; index < to; index++) {
    const at = sealedChunkStart(index) - begin;
    const one = sealed.subarray(at, at + sealedChunkSize(size, index));
    chunks.push(openChunk(key, index, index === count - 1, one));
  }
  if (spare.length < MOST_SPARE) spare.push(memory);
  return chunks;
}

function takeMemory(bytes: number): Buffer {
  const fits = spare.findIndex((one) => one.length >= bytes);
  const [memory] = fits < 0 ? [] : spare.splice(fits, 1);
  return memory ?? Buffer.allocUnsafeSlow(bytes);
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') throw new BodyDamaged('the file of the content is gone', { cause });
    throw cause;
  }
}

/** Finds a wrong length before the first byte is given out. */
async function checkShape(file: FileHandle, size: number): Promise<void> {
  const chunks = chunkCount(size);
  let expected = FILE_MAGIC.length;
  for (let index = 0; index < chunks; index++) expected += sealedChunkSize(size, index);
  if ((await file.stat()).size !== expected)
    throw new BodyDamaged('the file of the content has the wrong length');
  const magic = await readExactly(file, 0, Buffer.alloc(FILE_MAGIC.length));
  if (!magic.equals(FILE_MAGIC)) throw new BodyDamaged('the file of the content has the wrong beginning');
}

/** Fills the buffer. */
async function readExactly(file: FileHandle, position: number, buffer: Buffer): Promise<Buffer> {
  const { length } = buffer;
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new BodyDamaged('the file of the content is cut short');
    filled += bytesRead;
  }
  return buffer;
}
