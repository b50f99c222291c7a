/** A submission account (AUTH). */
export interface Account {
  readonly name: string;
  /** argon2id PHC string. */
  readonly passwordHash: string;
  /** Sender patterns: `user@domain`, `@domain` or `domain`; see shared/sender-pattern. */
  readonly senders: readonly string[];
  /** What it may do beyond writing in its own name; absent: nothing. Patterns as in `senders`. */
  readonly allow?: {
    readonly forwarding: 'off' | 'resent' | 'redirected';
    readonly onBehalfOf: readonly string[];
  };
  readonly disabled: boolean;
  readonly createdAt: number;
  readonly changedAt: number;
}
