import type { TlsFacts } from '../model/tls-facts.js';

/** What came of one attempt for one recipient. Reasons are in our words: codes and names, never the peer's text. */
export type Outcome =
  | {
      readonly kind: 'delivered';
      readonly host: string;
      readonly hostAddress: string;
      readonly replyCode: number;
      readonly tls: TlsFacts;
      /** The next hop knows DSN and took over NOTIFY. */
      readonly dsnPassedOn: boolean;
    }
  /** For good: bounce. */
  | {
      readonly kind: 'refused';
      readonly status: string;
      readonly reason: string;
      readonly host?: string;
      readonly replyCode?: number;
      /** It was refused for the address alone: at RCPT, or by what DNS says of its domain. */
      readonly addressGone?: true;
      /** Nobody was dialled: what was committed as an attempt doesn't count as one. */
      readonly untried?: true;
    }
  /** For now. `tlsFailing`: TLS failed in a way that may pass. */
  | {
      readonly kind: 'deferred';
      readonly status: string;
      readonly reason: string;
      readonly host?: string;
      readonly tls?: TlsFacts;
      readonly tlsFailing?: true;
    }
  /**
   * Not by this method. `tls`: all servers were reached and none offers the TLS that is needed. `method`: it can't be
   * used whatever the peers offer (no key, not configured, a route whose TLS doesn't count). `keepStrength`: only
   * methods as strong may follow.
   */
  | {
      readonly kind: 'unusable';
      readonly why: 'tls' | 'method';
      readonly keepStrength?: true;
      readonly reason: string;
      readonly host?: string;
    };
