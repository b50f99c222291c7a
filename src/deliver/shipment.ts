import type { RouteConfig } from '../config/schema.js';
import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { ReachedTlsLevel } from '../model/method.js';
import type { OutboundCopy } from '../protect/types.js';
import type { Outcome } from './outcome.js';

/** What came of one recipient; `overtaken`: nobody was told of it, nor may be. */
export type Shipped = Outcome | 'overtaken';

/** One message for recipients that share a destination and a demand of TLS. */
export interface Shipment {
  readonly message: StoredMessage;
  /** At most `recipients_per_transaction`. */
  readonly recipients: readonly StoredRecipient[];
  readonly copy: Extract<OutboundCopy, { readonly kind: 'smtp' }>;
  /** Connections with the same key may be used again. */
  readonly connectionKey: string;
  /** Own addresses to connect from, at most one of each family; empty: any. */
  readonly sourceAddresses: readonly string[];
  /** Domain of all recipients where there is no route. */
  readonly domain: string;
  readonly route: RouteConfig | undefined;
  /**
   * Least TLS level; `none` permits clear text. Asked again for each connection, because a level may be seen while the
   * attempt is under way, by itself or by another one.
   */
  readonly least: () => Promise<ReachedTlsLevel>;
  /** Whether the decision demands TLS: then only the version and suites of the configuration are offered. */
  readonly configuredTls: boolean;
  /** Told the level of each TLS session established or used again, whatever becomes of it. */
  readonly onTls: (level: ReachedTlsLevel) => void;
  /**
   * Told of each connection that is being closed after use, at once. The outcomes don't wait for its end, but whoever
   * opens the next connection to the destination must: the server may count them.
   */
  readonly onClosing: (closed: Promise<void>) => void;
  /**
   * Asked right before a server is told of recipients: those to whom nothing may be sent any more. Undefined, at once: there
   * are none.
   */
  readonly overtaken: (
    recipients: readonly StoredRecipient[],
  ) => Promise<readonly StoredRecipient[]> | undefined;
  /** Asks the next hop to leave the content out of its DSNs. */
  readonly headersOnly: boolean;
}
