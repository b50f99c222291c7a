import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SealedBody } from '../model/message.js';
import { errorCode, errorText } from '../shared/errors.js';
import {
  CHUNK_SIZE,
  newBodyKey,
  sealChunk,
  sealInParts,
  type WrappingKeys,
  wrapBodyKey,
} from './body-seal.js';
import type { FileOps, OpenFile } from './file-ops.js';
import type { FreshBodies } from './fresh-bodies.js';
import { type BodyWriter, StoreUnavailable } from './ports.js';

/** First bytes of every sealed file. */
export const FILE_MAGIC = Buffer.from('SALLYB1\n');

/** Full chunks that are gathered to be written at once, where there is room in memory. */
const GATHERED = 4;
/** Bytes of a chunk's memory at first; most messages are small. */
const LEAST_MEMORY = 4 * 1024;

export interface BodyWriterContext {
  readonly folder: string;
  /** Asked for each time: a rotation of the master key changes it. */
  readonly wrappingKey: WrappingKeys;
  readonly files: Pick<FileOps, 'create' | 'unlink'>;
  /** Makes the names in the folder durable. */
  readonly syncFolder: () => Promise<void>;
  readonly fresh: FreshBodies;
  /** A sync failed: what the kernel had of the file may be lost, and it will not say so again. */
  readonly onSyncFailure: (error: Error) => void;
}

/**
 * Writes one body. Up to one chunk stays in memory and becomes inline content; from then on full chunks that are known
 * not to be the last are sealed and written, some at once. The file has its name from the beginning: while no row names
 * it, it is nothing, and the next start removes it. After any failure the writer is finished: its file is removed and
 * every further call rejects.
 */
export function createBodyWriter(context: BodyWriterContext): BodyWriter {
  const { files, folder, fresh } = context;
  const bodyKey = newBodyKey();

  /** The chunk that fills up. */
  let chunk: Buffer = Buffer.alloc(0);
  let used = 0;
  /** Full chunks that are not sealed yet. */
  let full: Buffer[] = [];
  /** All full chunks, as long as the body is one that may stay in memory. */
  let kept: Buffer[] | undefined = fresh.mostOfOne === 0 ? undefined : [];
  /** Room taken for full chunks. */
  let reserved = 0;
  /** Memory of chunks that were sealed, to be used again. */
  const spare: Buffer[] = [];
  let gathered = GATHERED;

  let size = 0;
  let index = 0;
  /** Of a body that is more than one chunk. */
  let name: BodyName | undefined;
  let file: OpenFile | undefined;
  /** Why nothing more is taken. */
  let ended: Error | undefined;
  let failure: Error | undefined;

  /** Copies: the caller may use its buffer again. */
  function append(bytes: Uint8Array): void {
    size += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      // A chunk that fills up exactly may be the last: it waits until there is more.
      if (used === CHUNK_SIZE) chunkIsFull();
      const wanted = Math.min(CHUNK_SIZE, used + bytes.length - at);
      if (chunk.length < wanted) grow(wanted);
      chunk.set(bytes.subarray(at, at + wanted - used), used);
      at += wanted - used;
      used = wanted;
    }
  }

  function grow(wanted: number): void {
    const larger = Math.min(CHUNK_SIZE, Math.max(wanted, 2 * chunk.length, LEAST_MEMORY));
    const memory = (used === 0 ? spare.pop() : undefined) ?? Buffer.allocUnsafeSlow(larger);
    chunk.copy(memory, 0, 0, used);
    chunk = memory;
  }

  function chunkIsFull(): void {
    if (size > fresh.mostOfOne || (kept !== undefined && !takeRoom(true))) keepNothing();
    // What is kept has its room.
    gathered = kept !== undefined || takeRoom(false) ? GATHERED : 1;
    full.push(chunk);
    kept?.push(chunk);
    chunk = Buffer.alloc(0);
    used = 0;
  }

  function takeRoom(toKeep: boolean): boolean {
    if (!fresh.reserve(CHUNK_SIZE, toKeep)) return false;
    reserved += CHUNK_SIZE;
    return true;
  }

  function keepNothing(): void {
    if (kept === undefined) return;
    kept = undefined;
    releaseSealed();
  }

  /** Gives back the room of all but what waits to be sealed. */
  function releaseSealed(): void {
    const still = Math.min(reserved, full.length * CHUNK_SIZE);
    fresh.release(reserved - still);
    reserved = still;
  }

  /** Seals what waits, with the last chunk if this is the end, and holds on to nothing plain that needn't stay. */
  function seal(isEnd: boolean): Uint8Array[] {
    const parts = full.flatMap((one) => sealInParts(bodyKey, index++, false, one));
    // Nobody else has seen this memory.
    if (kept === undefined) spare.push(...full);
    full = [];
    if (isEnd) {
      parts.push(...sealInParts(bodyKey, index++, true, chunk.subarray(0, used)));
      letGo();
    } else if (kept === undefined) releaseSealed();
    return parts;
  }

  async function write(parts: Uint8Array[]): Promise<OpenFile> {
    name ??= newName(folder);
    if (file === undefined) {
      file = await files.create(name.path);
      parts.unshift(FILE_MAGIC);
    }
    await file.write(parts);
    return file;
  }

  function keep(body: SealedBody): SealedBody {
    if (kept !== undefined && size <= fresh.mostOfOne) fresh.keep(body, [...kept, chunk.subarray(0, used)]);
    return body;
  }

  async function sync(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      const error = new StoreUnavailable(`a sealed body could not be synced: ${errorText(cause)}`, { cause });
      context.onSyncFailure(error);
      throw error;
    }
  }

  async function finishFile(): Promise<SealedBody> {
    name ??= newName(folder);
    const { fileName } = name;
    const wrappedKey = wrapBodyKey(context.wrappingKey, bodyKey, { size, fileName });
    // No row names it yet, so nobody finds it before it is on disk.
    const body = keep({ wrappedKey, size, content: { kind: 'file', name: fileName } });
    const open = await write(seal(true));
    await sync(() => open.sync());
    file = undefined;
    await open.close();
    await sync(context.syncFolder);
    return body;
  }

  function finishInline(): SealedBody {
    const bytes = sealChunk(bodyKey, 0, true, chunk.subarray(0, used));
    const wrappedKey = wrapBodyKey(context.wrappingKey, bodyKey, { size });
    return keep({ wrappedKey, size, content: { kind: 'inline', bytes } });
  }

  /** Gives the error to reject with. */
  async function giveUp(cause: unknown): Promise<Error> {
    const why = `a sealed body could not be written: ${errorText(cause)}`;
    failure = new StoreUnavailable(why, { cause });
    ended = failure;
    try {
      await removeAll();
    } catch (removal) {
      // What is left is sealed, and no row names it: the next start removes it.
      return new StoreUnavailable(`${why}; and its file is left behind: ${errorText(removal)}`, { cause });
    }
    return failure;
  }

  function letGo(): void {
    fresh.release(reserved);
    reserved = 0;
    chunk = Buffer.alloc(0);
    full = [];
    kept = undefined;
    spare.length = 0;
  }

  async function removeAll(): Promise<void> {
    const open = file;
    file = undefined;
    letGo();
    try {
      await open?.close();
    } finally {
      if (name !== undefined) {
        fresh.forgetFile(name.fileName);
        await removeFile(files, name.path);
      }
    }
  }

  async function flush(): Promise<void> {
    if (failure !== undefined) throw failure;
    if (full.length === 0) return;
    try {
      await write(seal(false));
    } catch (cause) {
      throw await giveUp(cause);
    }
  }

  async function finish(): Promise<SealedBody> {
    if (failure !== undefined) throw failure;
    try {
      return file === undefined && full.length === 0 ? finishInline() : await finishFile();
    } catch (cause) {
      throw await giveUp(cause);
    } finally {
      letGo();
    }
  }

  // One call at a time: a client that vanishes in the middle of a write must not leave a file behind.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };

  return {
    async write(bytes) {
      if (ended !== undefined) throw ended;
      append(bytes);
      if (full.length >= gathered) await inTurn(flush);
    },
    async finish() {
      if (ended !== undefined) throw ended;
      ended = new Error('the body was finished already');
      return inTurn(finish);
    },
    async abort() {
      ended ??= new Error('the body was given up');
      await inTurn(removeAll);
    },
  };
}

interface BodyName {
  readonly fileName: string;
  readonly path: string;
}

function newName(folder: string): BodyName {
  const fileName = `${randomBytes(16).toString('hex')}.body`;
  return { fileName, path: join(folder, fileName) };
}

/** One that is not there is fine. */
async function removeFile(files: Pick<FileOps, 'unlink'>, path: string): Promise<void> {
  try {
    await files.unlink(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}
