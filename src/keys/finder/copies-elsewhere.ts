import { KEY_STATES } from '../../model/key.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { KeyStore } from '../../store/ports.js';

/** Addresses of one key beyond which nobody has any; each costs time. */
const MAX_COPIES = 100;

/**
 * What is kept of an OpenPGP key for other addresses, removed ones included: their revocations hold for it too.
 * @param own addresses whose rows the caller has
 * @throws StoreUnavailable
 */
export async function copiesElsewhere(
  fingerprint: string,
  own: readonly string[],
  store: Pick<KeyStore, 'list'>,
): Promise<readonly Uint8Array[]> {
  const folded = new Set(own.map(foldAddress));
  const rows = await store.list({ kind: 'openpgp', fingerprint, states: KEY_STATES, limit: MAX_COPIES });
  return rows.filter((row) => !folded.has(foldAddress(row.address))).map(({ material }) => material);
}
