import { foldAddress } from '../shared/fold-address.js';

/**
 * A legal hold: what it covers is neither removed from the audit log nor destroyed, whatever ran out, until a person
 * removes the hold. It covers mail within its period (absent: always) from or to its address (absent: everybody).
 */
export interface LegalHold {
  readonly name: string;
  /** A matter's number or the like; never PHI, because it is in the log. */
  readonly reason: string;
  /** Who placed it. */
  readonly actor: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** Epoch milliseconds, inclusive. */
  readonly since?: number;
  /** Epoch milliseconds, exclusive. */
  readonly until?: number;
  /** An address, or `@domain` for all of one; ASCII letters in lower case. */
  readonly address?: string;
}

/** Whether a hold covers mail of that time with any of these senders and recipients. */
export function coversMail(hold: LegalHold, at: number, addresses: readonly string[]): boolean {
  if (hold.since !== undefined && at < hold.since) return false;
  if (hold.until !== undefined && at >= hold.until) return false;
  const { address } = hold;
  if (address === undefined) return true;
  return addresses
    .map(foldAddress)
    .some((one) => (address.startsWith('@') ? one.endsWith(address) : one === address));
}
