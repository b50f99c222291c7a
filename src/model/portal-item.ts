import type { SealedBody } from './message.js';
import type { PortalStrength } from './method.js';

/** One recipient's sealed message in the portal. */
export interface PortalItem {
  readonly id: string;
  readonly messageId: string;
  readonly recipientIndex: number;
  readonly recipient: string;
  readonly sender: string;
  /** SHA-256 of the 256-bit link secret; the secret itself is only in the notice. */
  readonly linkHash: Uint8Array;
  /** The first mail whose link leads to it: the newest notice where it was sent again. Absent: made before this was kept. */
  readonly noticeId?: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly state: 'waiting' | 'picked-up' | 'expired' | 'revoked' | 'undeliverable';
  readonly firstReadAt?: number;
  /** What its visitor must prove. */
  readonly strength: PortalStrength;
  /**
   * HMAC-SHA-256, under a key derived from the master key and bound to the item, of the passphrase that the sender tells
   * the recipient by telephone. Absent: none was made.
   */
  readonly passphraseHash?: Uint8Array;
  /** Wrong passphrases so far. */
  readonly passphraseTries: number;
  /** The content, sealed with a key of this item's own. Absent: it was destroyed, or is still the message's. */
  readonly body?: SealedBody;
  /** The sender asked for a receipt (RFC 8098), and gets it once. */
  readonly receipt: 'none' | 'wanted' | 'sent';
  /** Language of notices and pages, as a BCP 47 tag of a shipped locale. */
  readonly language: string;
  /** Reminders sent so far. */
  readonly reminders: number;
  /** When the next reminder or notice about it is due; absent: none. */
  readonly nextReminderAt?: number;
}

/** A one-time code sent for an item; only the newest of an item is valid. */
export interface PortalCode {
  readonly itemId: string;
  /** HMAC-SHA-256 of the code under a key derived from the master key. */
  readonly codeHash: Uint8Array;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly failedTries: number;
  /** `sms`: sent by the webhook. */
  readonly way: 'mailbox' | 'sms';
}

/** What a visitor has proved in a session. `passphrase` counts for the items in `passphraseItems` alone. */
export const PROOFS = ['mailbox', 'sms', 'device', 'password', 'totp', 'passkey', 'passphrase'] as const;
export type Proof = (typeof PROOFS)[number];

export interface PortalSession {
  /** SHA-256 of the cookie's secret. */
  readonly tokenHash: Uint8Array;
  /** Whose messages it may open. */
  readonly recipient: string;
  readonly proofs: readonly Proof[];
  /** Items whose passphrase was given. */
  readonly passphraseItems: readonly string[];
  readonly createdAt: number;
  readonly expiresAt: number;
}

/**
 * How a second factor came to be: `mailbox`, where whoever had the mailbox could have enrolled it, or `organisation`,
 * where a passphrase told by telephone, an SMS code or another verified factor stood behind it. Only the latter counts
 * where a second factor is demanded.
 */
export type EnrolledBy = 'mailbox' | 'organisation';

/** A recipient's account. An address without one uses one-time codes. */
export interface PortalAccount {
  /** Canonical address. */
  readonly recipient: string;
  /** argon2id, PHC string; absent: no password (passkey alone). */
  readonly passwordHash?: string;
  /** Sealed TOTP secret (RFC 6238), and whether its first code was given. */
  readonly totp?: {
    readonly sealed: Uint8Array;
    readonly enrolledBy: EnrolledBy;
    readonly confirmed: boolean;
    /** The last time step that was used: a code works once. */
    readonly lastStep: number;
  };
  readonly language?: string;
  readonly createdAt: number;
  readonly changedAt: number;
  /** Failed second factors since the last success; forgotten after a day without any. */
  readonly failures: number;
  /** Until then no second factor is checked; where it is over, when the last one failed or its lock ended. */
  readonly lockedUntil?: number;
}

/** A passkey (WebAuthn level 2). */
export interface PortalPasskey {
  readonly recipient: string;
  readonly credentialId: Uint8Array;
  /** COSE public key. */
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly name: string;
  readonly enrolledBy: EnrolledBy;
  readonly createdAt: number;
  readonly lastUsedAt?: number;
}

/** A browser that skips the mailbox code for a recipient. */
export interface PortalDevice {
  /** SHA-256 of the cookie's secret. */
  readonly tokenHash: Uint8Array;
  readonly recipient: string;
  /** Browser and system as its owner would call them, such as `Firefox, Android`; empty: not known. */
  readonly client: string;
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A reply that the recipient wrote; its own message is in the queue. */
export interface PortalReply {
  readonly id: string;
  readonly itemId: string;
  readonly recipient: string;
  /** The message made of it. */
  readonly messageId: string;
  readonly createdAt: number;
  /** A copy that the recipient keeps, sealed with a key of its own. */
  readonly body?: SealedBody;
}
