import { unwrapBodyKey, wrapBodyKey, wrapNumber } from './body-seal.js';
import { type MasterKey, sealingKeys } from './master-key.js';

/** What is stored nests no deeper. */
const DEEPEST = 8;

/**
 * What is about to be stored, with the keys of all bodies in it wrapped by the newest master key: content may have been
 * sealed a moment before a rotation began, and be stored after its end.
 * @throws BodyDamaged when a key opens with none
 */
export function withNewestKeys<T>(masterKey: MasterKey, input: T): T {
  // Before the first rotation of this process there is nothing to do.
  const { ring } = masterKey;
  if (ring === undefined || ring.older.length + ring.retired.length === 0) return input;
  return rewrapped(masterKey, input, 0);
}

function rewrapped<T>(masterKey: MasterKey, value: T, depth: number): T;
function rewrapped(masterKey: MasterKey, value: unknown, depth: number): unknown {
  if (depth > DEEPEST || typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return value;
  if (Array.isArray(value)) return value.map((one: unknown) => rewrapped(masterKey, one, depth + 1));
  const copy: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) copy[name] = rewrapped(masterKey, member, depth + 1);
  const { wrappedKey, size, content } = copy;
  if (!(wrappedKey instanceof Uint8Array) || typeof size !== 'number') return copy;
  const keys = sealingKeys(masterKey, 'body-wrap');
  if (wrapNumber(wrappedKey) === keys[0]?.number) return copy;
  const fileName = fileNameOf(content);
  const place = { size, ...(fileName === undefined ? {} : { fileName }) };
  return { ...copy, wrappedKey: wrapBodyKey(keys, unwrapBodyKey(keys, wrappedKey, place), place) };
}

function fileNameOf(content: unknown): string | undefined {
  if (typeof content !== 'object' || content === null || !('name' in content)) return undefined;
  return typeof content.name === 'string' ? content.name : undefined;
}
