/** An address that is not tried any more. */
export interface Suppression {
  /** Canonical, ASCII letters in lower case. */
  readonly address: string;
  /** In our words, or a person's. No PHI. */
  readonly reason: string;
  /** RFC 3463 status of the refusal; absent: a person put it there. */
  readonly status?: string;
  /** The server that refused it. */
  readonly host?: string;
  /** The message that was refused. */
  readonly messageId?: string;
  /** Who put it there; absent: the gateway. */
  readonly actor?: string;
  readonly addedAt: number;
  /** From then on the address is tried again; absent: never. */
  readonly expiresAt?: number;
}
