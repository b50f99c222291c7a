import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { SealedBody } from '../model/message.js';
import { errorCode, errorText } from '../shared/errors.js';
import { CHUNK_SIZE, newBodyKey, sealChunk, type WrappingKeys, wrapBodyKey } from './body-seal.js';
import type { FileOps, OpenFile } from './file-ops.js';
import { type BodyWriter, StoreUnavailable } from './ports.js';

/** First bytes of every sealed file. */
export const FILE_MAGIC = Buffer.from('SALLYB1\n');
/** Suffix of a file that is still being written. */
export const DRAFT_SUFFIX = '.part';

export interface BodyWriterContext {
  readonly folder: string;
  /** Asked for each time: a rotation of the master key changes it. */
  readonly wrappingKey: WrappingKeys;
  readonly files: FileOps;
  /** A sync failed: what the kernel had of the file may be lost, and it will not say so again. */
  readonly onSyncFailure: (error: Error) => void;
}

/**
 * Writes one body. Up to one chunk stays in memory and becomes inline content; from then on each full chunk is sealed
 * and written as soon as it is known not to be the last. After any failure the writer is finished: its file is
 * removed and every further call rejects.
 */
export function createBodyWriter(context: BodyWriterContext): BodyWriter {
  const { files, folder } = context;
  const bodyKey = newBodyKey();
  /** Of a body that is more than one chunk. */
  let name: BodyName | undefined;

  let pending: Buffer[] = [];
  let pendingSize = 0;
  let size = 0;
  let index = 0;
  let file: OpenFile | undefined;
  let ended: Error | undefined;

  /** Takes the first full chunk off what is pending. */
  function takeChunk(): Buffer {
    const all = Buffer.concat(pending, pendingSize);
    const chunk = all.subarray(0, CHUNK_SIZE);
    const rest = all.subarray(CHUNK_SIZE);
    pending = rest.length === 0 ? [] : [rest];
    pendingSize = rest.length;
    return chunk;
  }

  async function flushFullChunks(): Promise<void> {
    // A chunk that fills up exactly may be the last: it waits until there is more.
    while (pendingSize > CHUNK_SIZE) {
      if (file === undefined) {
        name = newName(folder);
        file = await files.create(name.draft);
        await file.write(FILE_MAGIC);
      }
      await file.write(sealChunk(bodyKey, index++, false, takeChunk()));
    }
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

  async function finishFile(open: OpenFile, { fileName, draft, target }: BodyName): Promise<SealedBody> {
    await open.write(sealChunk(bodyKey, index++, true, Buffer.concat(pending, pendingSize)));
    await sync(() => open.sync());
    file = undefined;
    await open.close();
    await files.rename(draft, target);
    await sync(() => files.syncFolder(folder));
    const wrappedKey = wrapBodyKey(context.wrappingKey, bodyKey, { size, fileName });
    return { wrappedKey, size, content: { kind: 'file', name: fileName } };
  }

  function finishInline(): SealedBody {
    const bytes = sealChunk(bodyKey, 0, true, Buffer.concat(pending, pendingSize));
    const wrappedKey = wrapBodyKey(context.wrappingKey, bodyKey, { size });
    return { wrappedKey, size, content: { kind: 'inline', bytes } };
  }

  /** Gives the error to reject with. */
  async function giveUp(cause: unknown): Promise<Error> {
    ended = new StoreUnavailable(`a sealed body could not be written: ${errorText(cause)}`, { cause });
    try {
      await removeAll();
    } catch (removal) {
      // What is left is sealed, and no row names it: the next start removes it.
      return new StoreUnavailable(`${ended.message}; and its file is left behind: ${errorText(removal)}`, {
        cause,
      });
    }
    return ended;
  }

  async function removeAll(): Promise<void> {
    const open = file;
    file = undefined;
    pending = [];
    pendingSize = 0;
    try {
      await open?.close();
    } finally {
      if (name !== undefined) await removeFiles(files, [name.draft, name.target]);
    }
  }

  async function add(chunk: Buffer): Promise<void> {
    if (ended !== undefined) throw ended;
    pending.push(chunk);
    pendingSize += chunk.length;
    size += chunk.length;
    try {
      await flushFullChunks();
    } catch (cause) {
      throw await giveUp(cause);
    }
  }

  async function finish(): Promise<SealedBody> {
    if (ended !== undefined) throw ended;
    ended = new Error('the body was finished already');
    try {
      return file === undefined || name === undefined ? finishInline() : await finishFile(file, name);
    } catch (cause) {
      throw await giveUp(cause);
    } finally {
      pending = [];
    }
  }

  async function abort(): Promise<void> {
    ended ??= new Error('the body was given up');
    await removeAll();
  }

  // One call at a time: a client that vanishes in the middle of a write must not leave a file behind.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };

  return {
    // Copied: the caller may use its buffer again.
    write: (chunk) => {
      const copy = Buffer.from(chunk);
      return inTurn(() => add(copy));
    },
    finish: () => inTurn(finish),
    abort: () => inTurn(abort),
  };
}

interface BodyName {
  readonly fileName: string;
  readonly draft: string;
  readonly target: string;
}

function newName(folder: string): BodyName {
  const fileName = `${randomBytes(16).toString('hex')}.body`;
  const target = join(folder, fileName);
  return { fileName, draft: target + DRAFT_SUFFIX, target };
}

/** Removes files, each whether or not another can't be removed; those that are not there are fine. */
async function removeFiles(files: FileOps, paths: readonly string[]): Promise<void> {
  const results = await Promise.allSettled(paths.map((path) => files.unlink(path)));
  for (const result of results) {
    if (result.status === 'rejected' && errorCode(result.reason) !== 'ENOENT') throw result.reason;
  }
}
