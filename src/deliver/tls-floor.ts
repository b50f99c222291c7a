import type { Config } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Method, ReachedTlsLevel } from '../model/method.js';
import { stricter } from './tls-levels.js';

/** Set in the decision of a code that was held; a row that still has it and is `pending` was released by a person. */
export const CODE_HELD = 'access codes are not sent to domains that were never seen with TLS';

/** The least TLS level of an attempt, and what falling short of it means. */
export interface Floor {
  readonly least: ReachedTlsLevel;
  /**
   * `next-method`: the decision demands it; `defer`: our own notice or code waits for the level seen before;
   * `hold-code`: a person looks, because this domain was never seen with TLS.
   */
  readonly short: 'next-method' | 'defer' | 'hold-code';
}

/** Mail of our own that opens the portal: whoever reads both notice and code reads the message. */
export function opensPortal(message: Pick<StoredMessage, 'origin'>): boolean {
  return (
    message.origin === 'pickup-notice' ||
    message.origin === 'pickup-reminder' ||
    message.origin === 'access-code' ||
    message.origin === 'passphrase-notice'
  );
}

/** The floor of mail that opens the portal after a level was seen in the attempt itself: from now on it waits for that. */
export function raisedFloor(floor: Floor, seen: ReachedTlsLevel): Floor {
  return seen === 'none' ? floor : { least: stricter(floor.least, seen), short: 'defer' };
}

/**
 * What TLS an attempt needs. Whoever strips STARTTLS must not get a pickup notice or a code for it: these don't travel
 * below the highest level remembered for the recipient's domain.
 */
export function floorOf(
  message: Pick<StoredMessage, 'origin'>,
  recipient: Pick<StoredRecipient, 'decision'>,
  method: Method,
  remembered: ReachedTlsLevel | undefined,
  config: Config,
): Floor {
  if (method === 'tls') return { least: recipient.decision?.demand.tls ?? 'verified', short: 'next-method' };
  if (!opensPortal(message)) return { least: 'none', short: 'defer' };
  if (remembered !== undefined && remembered !== 'none') return { least: remembered, short: 'defer' };
  const released = recipient.decision?.holdReason === CODE_HELD;
  // Without a portal in the configuration nobody can say that a code may travel in the clear.
  if (message.origin === 'access-code' && (config.portal?.code_over_plain ?? 'hold') === 'hold' && !released)
    return { least: 'encrypted', short: 'hold-code' };
  return { least: 'none', short: 'defer' };
}
