import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { BodyDamaged } from './errors.js';

/*
 * How content is sealed. Every body has a random 256-bit key of its own and is cut into chunks; each chunk is sealed
 * by AES-256-GCM with its number and a last-chunk flag in nonce and associated data (the STREAM construction), so a
 * chunk that was changed, dropped, repeated, moved or taken from another body doesn't open. The body's key is sealed
 * under the wrapping key together with the body's identity, size and place, so those can't be exchanged either.
 */

/** Plain bytes in every chunk but the last. */
export const CHUNK_SIZE = 64 * 1024;
/** Bytes of each chunk's tag. */
export const TAG_SIZE = 16;
const NONCE_SIZE = 12;
const KEY_SIZE = 32;
const BODY_ID_SIZE = 16;
/** Wrapped with the first master key's key. */
const VERSION = 1;
/** Names the number of the master key. */
const NUMBERED = 2;
/** Bytes of a wrapped key of the first master key. */
export const WRAPPED_SIZE = 1 + BODY_ID_SIZE + NONCE_SIZE + KEY_SIZE + TAG_SIZE;

/** What opens one body. */
export interface BodyKey {
  readonly id: Buffer;
  readonly key: Buffer;
}

/** What the wrapped key is bound to besides the body's identity. */
export interface BodyPlace {
  /** Plain size in bytes. */
  readonly size: number;
  /** File name; absent when the content is inline. */
  readonly fileName?: string;
}

/** A key that wraps, with the number of the master key that it was derived from. */
export interface NumberedKey {
  readonly number: number;
  readonly key: Uint8Array;
}

/** One key, of the first master key, or several, the newest first. */
export type WrappingKeys = Uint8Array | readonly NumberedKey[];

export function newBodyKey(): BodyKey {
  const bytes = randomBytes(BODY_ID_SIZE + KEY_SIZE);
  return { id: bytes.subarray(0, BODY_ID_SIZE), key: bytes.subarray(BODY_ID_SIZE) };
}

/** Version, the master key's number unless it is the first, body id, nonce, sealed key and tag, in this order. */
export function wrapBodyKey(keys: WrappingKeys, { id, key }: BodyKey, place: BodyPlace): Buffer {
  const [newest] = numbered(keys);
  if (newest === undefined) throw new RangeError('no key to wrap with');
  const nonce = randomBytes(NONCE_SIZE);
  const cipher = createCipheriv('aes-256-gcm', newest.key, nonce, { authTagLength: TAG_SIZE });
  cipher.setAAD(wrapContext(id, place));
  const sealed = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([wrapPrefix(newest.number), id, nonce, sealed, cipher.getAuthTag()]);
}

/** @throws BodyDamaged when the key was not sealed by one of these wrapping keys for this size and place */
export function unwrapBodyKey(keys: WrappingKeys, wrapped: Uint8Array, place: BodyPlace): BodyKey {
  const bytes = Buffer.from(wrapped);
  const number = wrapNumber(bytes);
  const prefix = number === undefined ? 0 : wrapPrefix(number).length;
  if (number === undefined || bytes.length !== WRAPPED_SIZE - 1 + prefix)
    throw new BodyDamaged('the key of the content is damaged');
  const wrapping = numbered(keys).find((one) => one.number === number);
  if (wrapping === undefined)
    throw new BodyDamaged(`the key of the content was sealed with master key ${number}, which is gone`);
  const id = bytes.subarray(prefix, prefix + BODY_ID_SIZE);
  const nonce = bytes.subarray(prefix + BODY_ID_SIZE, prefix + BODY_ID_SIZE + NONCE_SIZE);
  const box = bytes.subarray(prefix + BODY_ID_SIZE + NONCE_SIZE);
  return {
    id,
    key: openBox(wrapping.key, nonce, wrapContext(id, place), box, 'the key of the content is damaged'),
  };
}

/** Number of the master key with whose key something was wrapped; undefined: it is damaged. */
export function wrapNumber(wrapped: Uint8Array): number | undefined {
  if (wrapped[0] === VERSION) return 1;
  return wrapped[0] === NUMBERED && wrapped.length > 5 ? Buffer.from(wrapped).readUInt32BE(1) : undefined;
}

/** How what is wrapped with a key of this master key begins. */
export function wrapPrefix(number: number): Buffer {
  if (number === 1) return Buffer.of(VERSION);
  const prefix = Buffer.alloc(5);
  prefix[0] = NUMBERED;
  prefix.writeUInt32BE(number, 1);
  return prefix;
}

function numbered(keys: WrappingKeys): readonly NumberedKey[] {
  return keys instanceof Uint8Array ? [{ number: 1, key: keys }] : keys;
}

/** Seals chunk `index` (from 0); gives it with its tag. */
export function sealChunk(bodyKey: BodyKey, index: number, last: boolean, plain: Uint8Array): Buffer {
  return Buffer.concat(sealInParts(bodyKey, index, last, plain));
}

/** As `sealChunk`, but the chunk and the tag that comes right behind it: for whoever can write both without a copy. */
export function sealInParts(
  { id, key }: BodyKey,
  index: number,
  last: boolean,
  plain: Uint8Array,
): readonly [sealed: Buffer, tag: Buffer] {
  const cipher = createCipheriv('aes-256-gcm', key, chunkNonce(index, last), { authTagLength: TAG_SIZE });
  cipher.setAAD(chunkContext(id, index, last));
  // GCM gives all of it at once, and nothing more at the end.
  const sealed = cipher.update(plain);
  cipher.final();
  return [sealed, cipher.getAuthTag()];
}

/** @throws BodyDamaged when it is not chunk `index` of this body, or not the last one when it should be */
export function openChunk({ id, key }: BodyKey, index: number, last: boolean, sealed: Uint8Array): Buffer {
  const context = chunkContext(id, index, last);
  return openBox(key, chunkNonce(index, last), context, sealed, `chunk ${index} of the content is damaged`);
}

/** Chunks of a body of `size` plain bytes; an empty one has one empty chunk. */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / CHUNK_SIZE));
}

/** Bytes of chunk `index` as sealed, with its tag. */
export function sealedChunkSize(size: number, index: number): number {
  return Math.min(CHUNK_SIZE, size - index * CHUNK_SIZE) + TAG_SIZE;
}

/** Where chunk `index` begins among the sealed chunks. */
export function sealedChunkStart(index: number): number {
  return index * (CHUNK_SIZE + TAG_SIZE);
}

function openBox(
  key: Uint8Array,
  nonce: Uint8Array,
  context: Uint8Array,
  box: Uint8Array,
  what: string,
): Buffer {
  if (box.length < TAG_SIZE) throw new BodyDamaged(what);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_SIZE });
  decipher.setAAD(context);
  decipher.setAuthTag(box.subarray(box.length - TAG_SIZE));
  try {
    // GCM gives all of it at once, and nothing more at the end, where the tag is checked.
    const plain = decipher.update(box.subarray(0, box.length - TAG_SIZE));
    decipher.final();
    return plain;
  } catch (cause) {
    throw new BodyDamaged(what, { cause });
  }
}

/** The key seals one body only, so the number of the chunk makes the nonce unique. */
function chunkNonce(index: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(NONCE_SIZE);
  nonce.writeUInt32BE(index, 7);
  nonce[11] = last ? 1 : 0;
  return nonce;
}

function chunkContext(id: Uint8Array, index: number, last: boolean): Buffer {
  const place = Buffer.alloc(5);
  place.writeUInt32BE(index, 0);
  place[4] = last ? 1 : 0;
  return Buffer.concat([Buffer.from('sallyport-body-chunk v1\n'), id, place]);
}

function wrapContext(id: Uint8Array, { size, fileName }: BodyPlace): Buffer {
  const where = fileName === undefined ? 'inline' : `file ${fileName}`;
  return Buffer.concat([Buffer.from('sallyport-body-key v1\n'), id, Buffer.from(`\n${size}\n${where}\n`)]);
}
