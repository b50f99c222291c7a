/** Who came to submit mail, and who was sent away. */
export interface SessionEvents {
  'login.succeeded': { readonly listener: string; readonly clientAddress: string; readonly account: string };
  'login.failed': {
    readonly listener: string;
    readonly clientAddress: string;
    /** Only when such an account exists; otherwise absent, because people type passwords into the name field. */
    readonly account?: string;
    readonly reason: string;
  };
  'session.refused': {
    readonly listener: string;
    readonly clientAddress: string;
    readonly identity?: string;
    /** `connect | helo | auth | mail | rcpt | data | body | limit`. */
    readonly stage: string;
    readonly code: number;
    readonly status: string;
    readonly reason: string;
    /** Canonical addresses, only where they parsed. */
    readonly sender?: string;
    readonly recipient?: string;
    /** Identical refusals of this client that were not recorded one by one since the last that was. */
    readonly leftOut?: number;
  };
}
