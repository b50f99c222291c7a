import { createHash, createHmac } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { COLUMN_KINDS } from '../inspect/detect/roster/kinds.js';
import { openIndex } from '../inspect/detect/roster/layout.js';
import { errorText, UserError } from '../shared/errors.js';
import {
  CHUNK_SIZE,
  chunkCount,
  type NumberedKey,
  newBodyKey,
  openChunk,
  sealChunk,
  sealedChunkSize,
  unwrapBodyKey,
  wrapBodyKey,
} from '../store/body-seal.js';
import { deriveKey, type MasterKey, sealingKeys } from '../store/master-key.js';

/*
 * The file of one roster: a line that names the format, a line of JSON about it, and the index, sealed as the content
 * of mail is (`store/body-seal.ts`). The second line is bound to the sealed index, so neither fits another's.
 */

const MAGIC = 'sallyport-roster 1\n';
/** Bytes of the two lines, at most. */
const LONGEST_HEAD = 64 * 1024;

export const ROSTER_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** A file that is being made; it isn't read as a roster. */
export const DRAFT_NAME = /^\.[0-9a-f]{16}\.draft$/;

const header = z.strictObject({
  name: z.string().regex(ROSTER_NAME),
  columns: z.array(z.strictObject({ header: z.string().max(200), kind: z.enum(COLUMN_KINDS) })).min(1),
  rows: z.int().min(0),
  /** Epoch milliseconds. */
  importedAt: z.int(),
  /** Bytes of the index. */
  size: z.int().min(0),
});

/** What a roster's file says of itself. Readable without the key; only who opens the index knows that it is true. */
export type RosterHeader = z.output<typeof header>;

const head = header.extend({ wrappedKey: z.base64() });

/** Keys of one roster, both derived from the master key. */
export interface RosterKeys {
  /** Seal the index; the newest first. */
  readonly seal: readonly NumberedKey[];
  /** Keys the hashes of values: the same for all imports of one name. */
  readonly hash: Buffer;
}

export function rosterKeys(masterKey: MasterKey, name: string): RosterKeys {
  const derived = (key: Uint8Array, purpose: string) => createHmac('sha256', key).update(purpose).digest();
  const lasting = deriveKey(masterKey, 'rosters');
  return {
    seal: sealingKeys(masterKey, 'roster-seal').map(({ number, key }) => ({
      number,
      // The first master key's seals with the key from which that of the values comes, too.
      key: number === 1 ? derived(lasting, 'seal') : key,
    })),
    hash: derived(lasting, `values\0${name}`),
  };
}

/**
 * Writes a roster's file, which must not exist yet: mode 0600, synced.
 * @param index the pieces of the index, `size` bytes together
 * @returns SHA-256 of the file, in hex
 */
export async function writeRosterFile(
  path: string,
  about: RosterHeader,
  index: Iterable<Uint8Array>,
  keys: RosterKeys,
): Promise<string> {
  const bodyKey = newBodyKey();
  const wrappedKey = wrapBodyKey(keys.seal, bodyKey, placeOf(about));
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  try {
    const write = async (bytes: Uint8Array) => {
      hash.update(bytes);
      await file.writeFile(bytes);
    };
    await write(formatHead(about, wrappedKey));
    const count = chunkCount(about.size);
    let chunk = 0;
    for (const plain of inChunks(index)) {
      await write(sealChunk(bodyKey, chunk, chunk === count - 1, plain));
      chunk++;
    }
    if (chunk !== count) throw new Error('the index of the roster has another size than was said');
    await file.sync();
  } finally {
    await file.close();
  }
  return hash.digest('hex');
}

/** @throws UserError when the file can't be read, or is no roster */
export async function readRosterHeader(path: string): Promise<RosterHeader> {
  return withFile(path, async (file) => (await readHead(file, path)).about);
}

export interface OpenedRoster {
  readonly about: RosterHeader;
  /** The index. */
  readonly table: SharedArrayBuffer;
}

/**
 * Opens a roster.
 * @throws UserError when the file can't be read, is damaged, or was made with another master key
 */
export async function openRosterFile(path: string, masterKey: MasterKey): Promise<OpenedRoster> {
  let table = new SharedArrayBuffer(0);
  const about = await readSealed(path, masterKey, ({ size }) => {
    table = new SharedArrayBuffer(size);
    const bytes = new Uint8Array(table);
    return (piece, at) => bytes.set(piece, at);
  });
  try {
    openIndex(table);
  } catch (cause) {
    throw cannotOpen(path, cause);
  }
  return { about, table };
}

/**
 * Whether a roster could be opened, without keeping it in memory.
 * @throws UserError as `openRosterFile`
 */
export async function checkRosterFile(path: string, masterKey: MasterKey): Promise<RosterHeader> {
  return readSealed(path, masterKey, () => () => undefined);
}

/** @param begin is told what the roster says of itself, and takes its index piece by piece */
async function readSealed(
  path: string,
  masterKey: MasterKey,
  begin: (about: RosterHeader) => (piece: Uint8Array, at: number) => void,
): Promise<RosterHeader> {
  return withFile(path, async (file) => {
    const { about, wrappedKey, length } = await readHead(file, path);
    try {
      const { seal } = rosterKeys(masterKey, about.name);
      const key = unwrapBodyKey(seal, Buffer.from(wrappedKey, 'base64'), placeOf(about));
      const take = begin(about);
      const count = chunkCount(about.size);
      const sealed = Buffer.alloc(CHUNK_SIZE + 64);
      let at = length;
      for (let chunk = 0; chunk < count; chunk++) {
        const size = sealedChunkSize(about.size, chunk);
        const { bytesRead } = await file.read(sealed, 0, size, at);
        if (bytesRead !== size) throw new Error('it ends too early');
        take(openChunk(key, chunk, chunk === count - 1, sealed.subarray(0, size)), chunk * CHUNK_SIZE);
        at += size;
      }
      if ((await file.stat()).size !== at) throw new Error('there is more behind its end');
      return about;
    } catch (cause) {
      throw cannotOpen(path, cause);
    }
  });
}

function cannotOpen(path: string, cause: unknown): UserError {
  return new UserError(
    `the roster ${path} can't be opened (${errorText(cause)}): it is damaged, or was made with another master key; import it again, or remove it with \`sallyport roster remove\``,
    { cause },
  );
}

async function withFile<T>(path: string, use: (file: FileHandle) => Promise<T>): Promise<T> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (cause) {
    throw new UserError(`cannot read the roster ${path}: ${errorText(cause)}`, { cause });
  }
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

async function readHead(file: FileHandle, path: string) {
  const bytes = Buffer.alloc(LONGEST_HEAD);
  const { bytesRead } = await file.read(bytes, 0, LONGEST_HEAD, 0);
  const start = bytes.subarray(0, bytesRead);
  const end = start.indexOf('\n', MAGIC.length);
  if (!start.subarray(0, MAGIC.length).equals(Buffer.from(MAGIC)) || end === -1)
    throw new UserError(
      `${path} is no roster that this version reads: import it again, or remove it with \`sallyport roster remove\``,
    );
  const { wrappedKey, ...about } = parseHead(start.toString('utf8', MAGIC.length, end), path);
  if (basename(path).endsWith('.roster') && basename(path) !== `${about.name}.roster`)
    throw new UserError(`${path} is the roster ${about.name} under another name: rename it back`);
  return { about, wrappedKey, length: end + 1 };
}

function parseHead(line: string, path: string): z.output<typeof head> {
  try {
    return head.parse(JSON.parse(line));
  } catch (cause) {
    throw new UserError(
      `the roster ${path} is damaged: import it again, or remove it with \`sallyport roster remove\``,
      { cause },
    );
  }
}

/** The two lines before the index. */
export function formatHead(about: RosterHeader, wrappedKey: Uint8Array): Buffer {
  const line = JSON.stringify({ ...about, wrappedKey: Buffer.from(wrappedKey).toString('base64') });
  return Buffer.from(`${MAGIC}${line}\n`);
}

/** Reads the two lines; `length` is where the index begins. @throws UserError as `readRosterHeader` */
export function openRosterHead<T>(
  path: string,
  use: (file: FileHandle, head: Awaited<ReturnType<typeof readHead>>) => Promise<T>,
): Promise<T> {
  return withFile(path, async (file) => use(file, await readHead(file, path)));
}

/** What the sealed index is bound to. */
export function placeOf(about: RosterHeader) {
  const { name, columns, rows, importedAt, size } = about;
  const pairs = columns.map(({ header, kind }) => [header, kind]);
  const digest = createHash('sha256').update(JSON.stringify([name, pairs, rows, importedAt, size]));
  return { size, fileName: `roster ${name} ${digest.digest('hex')}` };
}

/** The same bytes in pieces of CHUNK_SIZE, the last one shorter; one empty piece for nothing. */
function* inChunks(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  let held = Buffer.alloc(CHUNK_SIZE);
  let length = 0;
  for (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      if (length === CHUNK_SIZE) {
        yield held;
        held = Buffer.alloc(CHUNK_SIZE);
        length = 0;
      }
      const take = Math.min(CHUNK_SIZE - length, piece.length - at);
      held.set(piece.subarray(at, at + take), length);
      length += take;
      at += take;
    }
  }
  yield held.subarray(0, length);
}
