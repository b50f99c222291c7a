import { KEY_STATES } from '../../model/key.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { KeyStore } from '../../store/ports.js';
import { BOUNDS } from '../openpgp/bounds.js';

/**
 * What is kept of an OpenPGP key for other addresses, removed ones included: their revocations hold for it too. Each copy
 * once: a key of a whole organisation is kept for many addresses, and putting copies together takes its time.
 * @param own addresses whose rows the caller has
 * @throws StoreUnavailable
 */
export async function copiesElsewhere(
  fingerprint: string,
  own: readonly string[],
  store: Pick<KeyStore, 'list'>,
): Promise<readonly Uint8Array[]> {
  const folded = new Set(own.map(foldAddress));
  // A key is kept for addresses that it names, and has no more of them.
  const limit = BOUNDS.userIds;
  const rows = await store.list({ kind: 'openpgp', fingerprint, states: KEY_STATES, limit });
  const copies = new Map<string, Uint8Array>();
  for (const { address, material } of rows)
    if (!folded.has(foldAddress(address))) copies.set(Buffer.from(material).toString('latin1'), material);
  return [...copies.values()];
}
