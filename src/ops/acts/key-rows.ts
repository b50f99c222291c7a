import { fingerprintFits } from '../../keys/fingerprint.js';
import { type ContentKey, type StoredKey, signsContent } from '../../model/key.js';
import { UserError } from '../../shared/errors.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { KeyStore } from '../../store/ports.js';

const MAX_ROWS = 10_000;

/**
 * The rows of the one recipient key that digits stand for, one for each address.
 * @param options.orElse what to say where there is none
 * @throws UserError when no key, or more than one, begins or ends with them
 */
export async function rowsOfKey(
  store: Pick<KeyStore, 'list'>,
  digits: string,
  address: string | undefined,
  options: { readonly orElse?: string | undefined } = {},
): Promise<readonly StoredKey[]> {
  const rows = await store.list({ abbreviated: digits, limit: MAX_ROWS });
  oneFingerprint(rows, digits);
  if (rows.length === 0)
    throw new UserError(
      options.orElse ?? `no key has the fingerprint ${digits}; \`sallyport keys list\` shows them`,
    );
  if (address === undefined) return rows;
  const chosen = rows.filter((row) => foldAddress(row.address) === foldAddress(address));
  if (chosen.length === 0) throw new UserError(`the key ${digits} is not one of ${address}`);
  return chosen;
}

/**
 * The rows of the one signing key that digits stand for, one for each sender.
 * @throws UserError as above
 */
export async function rowsOfOwnKey(
  store: Pick<KeyStore, 'ownKeys'>,
  digits: string,
): Promise<readonly [ContentKey, ...ContentKey[]]> {
  const rows = (await store.ownKeys())
    .filter(signsContent)
    .filter((row) => fingerprintFits(row.fingerprint, digits));
  oneFingerprint(rows, digits);
  const [first, ...others] = rows;
  if (first === undefined)
    throw new UserError(
      `no signing key has the fingerprint ${digits}; \`sallyport keys list --own\` shows them`,
    );
  return [first, ...others];
}

/** @throws UserError when the rows are of different keys */
export function oneFingerprint(rows: readonly { readonly fingerprint: string }[], digits: string): void {
  const fingerprints = [...new Set(rows.map((row) => row.fingerprint))];
  if (fingerprints.length <= 1) return;
  const some = fingerprints.slice(0, 3).join(', ');
  throw new UserError(`${digits} fits ${fingerprints.length} keys (${some}…): give more digits`, {
    exitStatus: 2,
  });
}
