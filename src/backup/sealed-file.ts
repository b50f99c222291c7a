import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import {
  CHUNK_SIZE,
  chunkCount,
  newBodyKey,
  openChunk,
  sealChunk,
  sealedChunkSize,
  unwrapBodyKey,
  WRAPPED_SIZE,
  wrapBodyKey,
} from '../store/body-seal.js';

/*
 * One file of a backup: sealed as the content of mail is (store/body-seal), under a key of its own, which is wrapped at
 * its beginning for its name and size. `relay.db` and the audit log hold addresses, so no file but the content of mail,
 * which is sealed already, lies in a backup as it is.
 */

const MAGIC = Buffer.from('SALLYK1\n');
const HEAD_SIZE = MAGIC.length + 8 + WRAPPED_SIZE;

/** What a file of a backup is known by. */
export interface StoredFile {
  /** Bytes as they lie in the backup. */
  readonly size: number;
  /** Of these bytes, in hex. */
  readonly sha256: string;
}

/**
 * Seals a file that nobody changes meanwhile.
 * @param name within the backup; it opens under no other
 * @param to must not exist
 * @throws an error of the file system, or when the file's size changed
 */
export async function sealFile(key: Uint8Array, name: string, from: string, to: string): Promise<StoredFile> {
  const source = await open(from, 'r');
  try {
    const { size } = await source.stat();
    const bodyKey = newBodyKey();
    const wrapped = wrapBodyKey(key, bodyKey, { size, fileName: placeOf(name) });
    return await writeNew(to, async (write) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64BE(BigInt(size));
      await write(Buffer.concat([MAGIC, length, wrapped]));
      const count = chunkCount(size);
      for (let index = 0; index < count; index++) {
        const plain = await readExactly(source, index * CHUNK_SIZE, sealedChunkSize(size, index) - TAG_SIZE);
        await write(sealChunk(bodyKey, index, index === count - 1, plain));
      }
      if ((await source.stat()).size !== size) throw new Error(`${from} changed while it was copied`);
    });
  } finally {
    await source.close();
  }
}

/**
 * Opens a sealed file and writes its plain bytes, which nobody should use before this returns.
 * @throws an error when it was changed, or sealed with another key or for another name
 */
export async function openSealedFile(
  key: Uint8Array,
  name: string,
  from: string,
  to: string,
): Promise<StoredFile> {
  const source = await open(from, 'r');
  try {
    const hash = createHash('sha256');
    const head = await hashed(hash, source, 0, HEAD_SIZE);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) throw new Error('it has the wrong beginning');
    const size = Number(head.readBigUInt64BE(MAGIC.length));
    const stored = (await source.stat()).size;
    // Before anything is reserved for a size that is a lie.
    if (!Number.isSafeInteger(size) || size > stored) throw new Error('it has the wrong length');
    const wrapped = head.subarray(MAGIC.length + 8);
    const bodyKey = unwrapBodyKey(key, wrapped, { size, fileName: placeOf(name) });
    let position = HEAD_SIZE;
    await writeNew(to, async (write) => {
      const count = chunkCount(size);
      for (let index = 0; index < count; index++) {
        const sealed = await hashed(hash, source, position, sealedChunkSize(size, index));
        position += sealed.length;
        await write(openChunk(bodyKey, index, index === count - 1, sealed));
      }
    });
    if (position !== stored) throw new Error('there is more behind its end');
    return { size: stored, sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}

/** Copies a file as it is; `to` must not exist. */
export async function copyFileHashed(from: string, to: string): Promise<StoredFile> {
  const source = await open(from, 'r');
  try {
    return await writeNew(to, async (write) => {
      for await (const chunk of source.createReadStream({ autoClose: false })) await write(chunk);
    });
  } finally {
    await source.close();
  }
}

/** What lies there, without writing anything. */
export async function hashFile(path: string): Promise<StoredFile> {
  const source = await open(path, 'r');
  try {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of source.createReadStream({ autoClose: false })) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { size, sha256: hash.digest('hex') };
  } finally {
    await source.close();
  }
}

const TAG_SIZE = 16;

/** Writes a new file, mode 0600, synced. */
async function writeNew(
  to: string,
  content: (write: (bytes: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<StoredFile> {
  const file = await open(to, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    let size = 0;
    await content(async (bytes) => {
      hash.update(bytes);
      size += bytes.length;
      await file.writeFile(bytes);
    });
    await file.sync();
    return { size, sha256: hash.digest('hex') };
  } finally {
    await file.close();
  }
}

async function hashed(hash: Hash, file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = await readExactly(file, position, length);
  hash.update(bytes);
  return bytes;
}

async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error('it ends too early');
    filled += bytesRead;
  }
  return buffer;
}

function placeOf(name: string): string {
  return `backup ${name}`;
}
