import type { ReachedTlsLevel } from '../../model/method.js';
import type { Suppression } from '../../model/suppression.js';
import type { Events } from './events.js';

/** Addresses that are not tried any more. They are compared without regard to ASCII case. */
export interface SuppressionStore {
  /** Those of the addresses that are on the list at `now`. */
  suppressed(addresses: readonly string[], now: number): Promise<readonly Suppression[]>;
  /** Newest first, without what has expired. */
  list(now: number, limit: number): Promise<readonly Suppression[]>;
  /** Adds or replaces. The gateway doesn't replace what a person put there: then false, and nothing is written. */
  put(suppression: Suppression, events: Events): Promise<boolean>;
  /** False when it isn't on the list. */
  remove(address: string, events: Events): Promise<boolean>;
  /** Removes what expired from the file; its event told when it would. False when there is nothing. */
  forgetExpired(now: number): Promise<boolean>;
}

export interface TlsMemory {
  highest(domain: string): Promise<ReachedTlsLevel | undefined>;
  list(): Promise<
    readonly { readonly domain: string; readonly level: ReachedTlsLevel; readonly at: number }[]
  >;
  /** Forgets a domain; false when nothing was remembered. */
  reset(domain: string, events: Events): Promise<boolean>;
}
