import type { Decision } from '../../model/decision.js';
import type {
  RecipientKey,
  RecipientState,
  RewrittenBody,
  SealedBody,
  StoredMessage,
  StoredRecipient,
} from '../../model/message.js';
import type { Method, ReachedTlsLevel } from '../../model/method.js';
import type { Approval } from '../../model/operator.js';
import type { PortalItem } from '../../model/portal-item.js';
import type { Suppression } from '../../model/suppression.js';

/** A message to be queued, with its envelope; recipients of our own messages come with their decision. */
export interface NewMessage {
  readonly message: Omit<StoredMessage, 'body' | 'state' | 'inspectAttempts' | 'subjectShowable'> & {
    readonly body: SealedBody;
    /** 1: its first inspection begins with this commit. Absent: 0. */
    readonly inspectAttempts?: number;
  };
  readonly recipients: readonly NewRecipient[];
}

export type NewRecipient = Pick<StoredRecipient, 'address' | 'domain' | 'notify' | 'orcpt'> & {
  /** Present for our own messages: they are queued as `pending` at once. */
  readonly queued?: {
    readonly decision: Decision;
    readonly method: Method;
    readonly nextAttemptAt: number;
    readonly expiresAt: number;
  };
};

/** What changes in a recipient row. A key left out stays; `null` clears. */
export interface RecipientChange {
  readonly key: RecipientKey;
  /** The change applies only while the row is in one of these states; otherwise the row is left as it is. */
  readonly from: readonly RecipientState[];
  readonly set: {
    readonly state?: RecipientState;
    readonly decision?: Decision;
    readonly method?: Method | null;
    readonly attempts?: number;
    readonly nextAttemptAt?: number | null;
    readonly expiresAt?: number | null;
    readonly tlsFailingSince?: number | null;
    readonly delayWarnedAt?: number | null;
    readonly lastStatus?: string | null;
    readonly lastReason?: string | null;
  };
  /** With this change an attempt begins, where `address`, the row's own, is not on the suppression list at `now`. */
  readonly begins?: {
    readonly address: string;
    readonly now: number;
    /** In place of those of `set`. */
    readonly attempts: number;
    readonly nextAttemptAt: number;
  };
}

/** A row that was changed. */
export interface ChangedRow extends RecipientKey {
  /** An attempt began with the change, as it asked for. */
  readonly begun?: true;
}

/** One atomic change of the work in progress: all of it or none. */
export interface QueueChange {
  /**
   * When true, nothing is written (neither the change nor its events) unless every row in `recipients` is in one of
   * its `from` states, and every item in `changePortalItems` is open and as its change asks for; `apply` then gives back no
   * keys. For acts that race with a person's (an expiring hold).
   */
  readonly onlyIfAllApply?: boolean;
  readonly recipients?: readonly RecipientChange[];
  /** DSNs, notices and codes that the change queues. */
  readonly create?: readonly NewMessage[];
  readonly createPortalItems?: readonly PortalItem[];
  readonly changePortalItems?: readonly {
    readonly id: string;
    /**
     * The change applies only while the item is in one of these states (absent: in any); otherwise the item is left
     * as it is. Without it a read that races a revocation would bring the item back.
     */
    readonly from?: readonly PortalItem['state'][];
    /** The change applies only where the item's time is over by then: a person may have given it more meanwhile. */
    readonly overAt?: number;
    /** The change applies only where this mail is the item's notice: a person may have sent it another meanwhile. */
    readonly toldBy?: string;
    readonly state: PortalItem['state'];
    /** Kept when already set. */
    readonly firstReadAt?: number;
    /** Its receipt is queued in this change. */
    readonly receipt?: 'sent';
    /** Brings the item's end forward; a later one than it has is not taken. */
    readonly expiresAt?: number;
  }[];
  /** Marks the message `decided`, and keeps the copies that were rewritten for its recipients. */
  readonly decided?: {
    readonly messageId: string;
    readonly subjectShowable: boolean;
    readonly rewritten?: readonly RewrittenBody[];
  };
  /**
   * Approvals of held recipients, each in place of one before. A recipient that moves on or is decided anew loses its
   * approval, whoever changes it.
   */
  readonly approve?: readonly Approval[];
  /** Has the message received again, with its recipients that this change makes `received`. */
  readonly decideAgain?: { readonly messageId: string };
  /** Addresses put on the suppression list; what a person put there stays as it is. */
  readonly suppress?: readonly Suppression[];
  /** The highest TLS level of a domain, raised where it is higher than the one remembered. */
  readonly rememberTls?: readonly {
    readonly domain: string;
    readonly level: ReachedTlsLevel;
    readonly at: number;
  }[];
}
