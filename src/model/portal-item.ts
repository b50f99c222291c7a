/** One recipient's sealed message in the portal. */
export interface PortalItem {
  readonly id: string;
  readonly messageId: string;
  readonly recipientIndex: number;
  readonly recipient: string;
  readonly sender: string;
  /** SHA-256 of the 256-bit link secret; the secret itself is only in the notice. */
  readonly linkHash: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly state: 'waiting' | 'picked-up' | 'expired' | 'revoked' | 'undeliverable';
  readonly firstReadAt?: number;
}

/** A one-time code sent for an item; only the newest of an item is valid. */
export interface PortalCode {
  readonly itemId: string;
  /** HMAC-SHA-256 of the code under a key derived from the master key. */
  readonly codeHash: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly failedTries: number;
}

export interface PortalSession {
  /** SHA-256 of the cookie's secret. */
  readonly tokenHash: Uint8Array;
  readonly itemId: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}
