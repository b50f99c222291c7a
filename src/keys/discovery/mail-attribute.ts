import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';

/**
 * Whether one of an entry's `mail` values is the recipient: A-label domains, local part without regard to ASCII case.
 * A directory may compare more loosely than asked (matching rules, a match in another attribute); where the
 * configuration wants the exact local part, the judge asks it of the key itself.
 */
export function mailMatches(values: readonly string[], address: string): boolean {
  const wanted = foldAddress(address);
  return values.some((value) => {
    const parsed = parseAddress(value);
    return parsed.ok && foldAddress(parsed.mailbox.address) === wanted;
  });
}
