import type { KeyKind } from '../../model/key.js';
import type { ReadKey } from '../types.js';
import type { CachedSource } from './lookup-cache.js';

/** What all directories of one source together say of an address and a kind. */
export type DirectoryAnswer =
  | { readonly kind: 'keys'; readonly keys: readonly ReadKey[]; readonly at: number }
  /** Every one of them answered, and none holds a key. */
  | { readonly kind: 'none' }
  | {
      readonly kind: 'failed';
      readonly reason: string;
      /** How long a kept key may be used instead, in milliseconds since it was last confirmed. */
      readonly cache: number;
    };

/** Keys of one kind and address beyond which an answer is nonsense: judging each costs time. */
const MAX_KEYS = 20;

/**
 * Asks the directories one after the other until one holds a key of this kind. Where none does and one of them failed,
 * the source has failed: whether it holds a key isn't known.
 */
export async function askDirectories(
  directories: readonly CachedSource[],
  address: string,
  kind: KeyKind,
): Promise<DirectoryAnswer> {
  let failure: DirectoryAnswer | undefined;
  for (const directory of directories) {
    const lookup = await directory.lookup(address);
    if (lookup.kind === 'failed') {
      failure ??= { kind: 'failed', reason: lookup.reason, cache: directory.cache };
      continue;
    }
    const keys = lookup.keys.filter((key) => key.kind === kind);
    if (keys.length > MAX_KEYS)
      failure ??= {
        kind: 'failed',
        reason: `the source gave more than ${MAX_KEYS} keys for one address`,
        cache: directory.cache,
      };
    else if (keys.length > 0) return { kind: 'keys', keys, at: lookup.at };
  }
  return failure ?? { kind: 'none' };
}
