import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { SealedBody } from '../model/message.js';
import { errorCode } from '../shared/errors.js';
import {
  CHUNK_SIZE,
  chunkCount,
  openChunk,
  sealedChunkSize,
  sealedChunkStart,
  TAG_SIZE,
  unwrapBodyKey,
  type WrappingKeys,
} from './body-seal.js';
import { FILE_MAGIC } from './body-writer.js';
import { BodyDamaged } from './errors.js';
import type { PlainRange } from './ports.js';

/** Memory for chunks as they are sealed; what is opened has its own. Used anew, it isn't garbage for every chunk. */
const spare: Buffer[] = [];
const MOST_SPARE = 16;

/** File names as the writer makes them; nothing else is ever opened or removed. */
export const BODY_FILE_NAME = /^[0-9a-f]{32}\.body$/;

/**
 * The plain bytes of a body, chunk by chunk; each chunk is checked before it is given on. The stream fails with
 * BodyDamaged at the first one that isn't right: whoever reads must not use what came before without having seen
 * the end. Of a range only the chunks it lies in are read; that the file has the right length is seen before.
 */
export function openBody(
  body: SealedBody,
  folder: string,
  wrappingKey: WrappingKeys,
  range?: PlainRange,
): Readable {
  const chunks = () => plainChunks(body, folder, wrappingKey, range ?? { start: 0, end: body.size });
  const stream = Readable.from(chunks(), {
    objectMode: false,
    // Ranges are for readers who may be many and slow: no chunk is opened before it is asked for.
    ...(range === undefined ? {} : { highWaterMark: 0 }),
  });
  // Whoever goes through the whole from the first byte gets the chunks themselves: a stream's iterator costs as much as
  // opening a small body. The stream knows nothing of it then: it is neither closed by that, nor does its end end that.
  if (range === undefined) stream[Symbol.asyncIterator] = chunks;
  return stream;
}

async function* plainChunks(
  body: SealedBody,
  folder: string,
  wrappingKey: WrappingKeys,
  { start, end }: PlainRange,
): AsyncGenerator<Buffer> {
  const { content, size, wrappedKey } = body;
  if (start < 0 || start > end || end > size) throw new RangeError('the range lies outside of the content');
  if (content.kind === 'inline') {
    const key = unwrapBodyKey(wrappingKey, wrappedKey, { size });
    const plain = openChunk(key, 0, true, content.bytes);
    if (plain.length !== size) throw new BodyDamaged('the content has another size than recorded');
    yield plain.subarray(start, end);
    return;
  }
  if (!BODY_FILE_NAME.test(content.name)) throw new BodyDamaged('the content has an impossible file name');
  const key = unwrapBodyKey(wrappingKey, wrappedKey, { size, fileName: content.name });
  const file = await openFile(join(folder, content.name));
  try {
    await checkShape(file, size);
    const last = chunkCount(size) - 1;
    const from = Math.min(Math.floor(start / CHUNK_SIZE), last);
    const to = Math.max(from, Math.ceil(end / CHUNK_SIZE) - 1);
    for (let index = from; index <= to; index++) {
      const position = FILE_MAGIC.length + sealedChunkStart(index);
      const memory = spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_SIZE + TAG_SIZE);
      const sealed = await readExactly(file, position, memory.subarray(0, sealedChunkSize(size, index)));
      const plain = openChunk(key, index, index === last, sealed);
      if (spare.length < MOST_SPARE) spare.push(memory);
      const before = index * CHUNK_SIZE;
      yield plain.subarray(Math.max(0, start - before), end - before);
    }
  } finally {
    await file.close();
  }
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
