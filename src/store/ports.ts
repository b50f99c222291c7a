import type { Readable } from 'node:stream';
import type { AuditEvent } from '../audit/events.js';
import type { Account } from '../model/account.js';
import type { Decision } from '../model/decision.js';
import type { KeyKind, KeyState, OwnKey, StoredKey, StoredKeyRef } from '../model/key.js';
import type {
  RecipientKey,
  RecipientState,
  RewrittenBody,
  SealedBody,
  StoredMessage,
  StoredRecipient,
} from '../model/message.js';
import type { Method, ReachedTlsLevel } from '../model/method.js';
import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../model/portal-item.js';

/*
 * The storage ports. Every method that changes something takes the audit events that permit the change; the promise
 * resolves when both are on disk, events first (DESIGN promise 3). It rejects with StoreUnavailable when either
 * could not be written; then nothing may be acted upon.
 */

export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

export type Events = readonly AuditEvent[];

/** A message to be queued, with its envelope; recipients of our own messages come with their decision. */
export interface NewMessage {
  readonly message: Omit<StoredMessage, 'body' | 'state' | 'inspectAttempts' | 'subjectShowable'> & {
    readonly body: SealedBody;
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
}

/** One atomic change of the work in progress: all of it or none. */
export interface QueueChange {
  /**
   * When true, nothing is written (neither the change nor its events) unless every row in `recipients` is in one of
   * its `from` states; `apply` then gives back no keys. For acts that race with a person's (an expiring hold).
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
  /** The highest TLS level of a domain, raised where it is higher than the one remembered. */
  readonly rememberTls?: readonly {
    readonly domain: string;
    readonly level: ReachedTlsLevel;
    readonly at: number;
  }[];
}

/** Narrows `due`, so that a destination that is busy doesn't hide the others. Both may be given. */
export interface DueFilter {
  /** Recipient domains to leave out. */
  readonly exceptDomains?: readonly string[];
  /** Only these recipient domains. */
  readonly onlyDomains?: readonly string[];
}

export interface QueueStore {
  /** A message received by intake: row, recipients, `message.accepted`. */
  insert(message: NewMessage, events: Events): Promise<void>;
  message(id: string): Promise<StoredMessage | undefined>;
  recipients(messageId: string): Promise<readonly StoredRecipient[]>;
  /** IDs of messages still `received`, oldest first. */
  undecided(limit: number): Promise<readonly string[]>;
  /** Commits one more inspection attempt before the job starts; gives the attempts including this one. */
  beginInspection(id: string): Promise<number>;
  /**
   * Applies the change; gives back the keys of the recipient rows that were really changed. Where it names recipients
   * and none of them could be changed, it was overtaken: `create` and `createPortalItems` are then left out. A portal
   * item whose own recipient was named but not changed is left out too, with the mail about it.
   */
  apply(change: QueueChange, events: Events): Promise<readonly RecipientKey[]>;
  /** Pending recipients with `nextAttemptAt <= now`, oldest first, within `filter`. */
  due(now: number, limit: number, filter?: DueFilter): Promise<readonly StoredRecipient[]>;
  /** The earliest `nextAttemptAt` of a pending recipient, or `expiresAt` of a held one. */
  nextDueAt(): Promise<number | undefined>;
  /** Commits attempt + 1 and the next time before dialling (pending rows only); gives the keys really changed. */
  beginAttempt(keys: readonly RecipientKey[], nextAttemptAt: number): Promise<readonly RecipientKey[]>;
  /** Held recipients whose hold ends at or before `now`. */
  expiredHolds(now: number, limit: number): Promise<readonly StoredRecipient[]>;
  /** For listings; newest first. Inline content is left out (empty bytes): ask `message` for what is to be opened. */
  list(filter: {
    readonly states?: readonly RecipientState[];
    readonly messageId?: string;
    readonly limit: number;
  }): Promise<readonly { readonly message: StoredMessage; readonly recipient: StoredRecipient }[]>;
  /** Counts per state, for metrics. */
  counts(): Promise<Readonly<Record<RecipientState, number>>>;
  /**
   * Messages whose recipients all reached an end, or wait in the portal, and whose content still exists. Leaves out
   * messages with a portal item in `waiting` or `picked-up` that has no content of its own: it still needs theirs.
   */
  finished(limit: number): Promise<readonly string[]>;
  /**
   * Forgets keys and inline content of a finished message and its rewritten copies; gives the names of the files that
   * they had, to be removed. Refused while a recipient or portal item still needs the content.
   */
  destroyContent(messageId: string, events: Events): Promise<readonly string[]>;
}

export interface PortalStore {
  item(id: string): Promise<PortalItem | undefined>;
  itemByLink(linkHash: Uint8Array): Promise<PortalItem | undefined>;
  /** Newest first. Without inline content (empty bytes): ask `item` for what is to be opened. */
  items(filter: {
    readonly messageId?: string;
    readonly recipient?: string;
    /** Envelope sender. */
    readonly sender?: string;
    readonly states?: readonly PortalItem['state'][];
    readonly limit: number;
  }): Promise<readonly PortalItem[]>;
  /**
   * An address in whatever spelling as the first message to it was addressed: mail goes there, because some servers tell
   * capital letters from small ones. Undefined: there was no message to it.
   */
  writtenAddress(recipient: string): Promise<string | undefined>;
  /** Items in `waiting` or `picked-up` whose `expiresAt <= now`. */
  expiredItems(now: number, limit: number): Promise<readonly PortalItem[]>;
  /** Items in `waiting` whose `nextReminderAt <= now`, oldest first. */
  itemsToRemind(now: number, limit: number): Promise<readonly PortalItem[]>;
  /** How many open items a recipient has, and their content's bytes. */
  usage(recipient: string): Promise<{ readonly items: number; readonly bytes: number }>;
  /**
   * Changes an open item; mail about it is queued in the same commit. False, and nothing written, when it was closed
   * meanwhile, or isn't in one of the states `from`. Another passphrase ends the sessions that the one before opened.
   */
  changeItem(
    id: string,
    set: {
      readonly expiresAt?: number;
      readonly linkHash?: Uint8Array;
      readonly passphraseHash?: Uint8Array | null;
      readonly passphraseTries?: number;
      readonly receipt?: PortalItem['receipt'];
      readonly language?: string;
      readonly reminders?: number;
      readonly nextReminderAt?: number | null;
    },
    mail: readonly NewMessage[],
    events: Events,
    from?: readonly ('waiting' | 'picked-up')[],
  ): Promise<boolean>;
  /** Counts one wrong passphrase more; gives the tries so far. */
  failPassphrase(id: string, events: Events): Promise<number>;
  /** Closed items whose content, or a copy of a reply to it, still exists; with the message that each is of. */
  closedItemsWithContent(
    limit: number,
  ): Promise<readonly { readonly id: string; readonly messageId: string; readonly recipient: string }[]>;
  /**
   * Forgets keys and inline content of a closed item and of the copies of its replies, so that neither database nor
   * write-ahead log keeps them; gives the names of their body files, to be removed. Refused while the item is open.
   */
  destroyItemContent(id: string, events: Events): Promise<readonly string[]>;
  /** Replaces the item's code and, where it travels by mail, queues that. */
  putCode(code: PortalCode, mail: NewMessage | undefined, events: Events): Promise<void>;
  code(itemId: string): Promise<PortalCode | undefined>;
  /** Codes issued for the item since `since`, replaced and used ones included (for limits). */
  codesIssuedSince(itemId: string, since: number): Promise<number>;
  /** Codes issued for all items of a recipient since `since`. */
  codesIssuedToSince(recipient: string, since: number): Promise<number>;
  /** One failed try more; gives the tries failed so far. */
  failCode(itemId: string, events: Events): Promise<number>;
  /**
   * Uses up the code and opens a session, in place of the one `old` of the same recipient; false, and nothing written,
   * when the code was used up meanwhile, the item was closed, or the old session has ended.
   */
  openSessionWithCode(
    itemId: string,
    session: PortalSession,
    events: Events,
    old?: Uint8Array,
  ): Promise<boolean>;
  /** Opens a session that other proofs stand behind. */
  openSession(session: PortalSession, events: Events): Promise<void>;
  session(tokenHash: Uint8Array, now: number): Promise<PortalSession | undefined>;
  /**
   * Replaces a session by one with another token and more proofs (against fixation); false when it has ended meanwhile.
   */
  raiseSession(old: Uint8Array, session: PortalSession, events: Events): Promise<boolean>;
  closeSession(tokenHash: Uint8Array, events: Events): Promise<void>;
  /** Ends all sessions of a recipient, and forgets its devices. */
  closeSessionsOf(recipient: string, events: Events): Promise<void>;

  account(recipient: string): Promise<PortalAccount | undefined>;
  /**
   * Adds or replaces an account. False, and nothing written, when it isn't as `expected` any more (undefined: absent).
   */
  putAccount(account: PortalAccount, expected: PortalAccount | undefined, events: Events): Promise<boolean>;
  /** Forgets account, passkeys, devices and sessions. False when there was none. */
  removeAccount(recipient: string, events: Events): Promise<boolean>;
  passkeys(recipient: string): Promise<readonly PortalPasskey[]>;
  passkey(credentialId: Uint8Array): Promise<PortalPasskey | undefined>;
  putPasskey(passkey: PortalPasskey, events: Events): Promise<void>;
  /** Sets counter and time of last use; false when the counter in the row isn't `before` any more. */
  usePasskey(
    credentialId: Uint8Array,
    use: { readonly before: number; readonly counter: number; readonly at: number },
    events: Events,
  ): Promise<boolean>;
  removePasskey(credentialId: Uint8Array, recipient: string, events: Events): Promise<boolean>;
  /** False, and nothing written, when the session that asks for it has ended. */
  putDevice(device: PortalDevice, session: Uint8Array, events: Events): Promise<boolean>;
  /** A device that has not expired. */
  device(tokenHash: Uint8Array, now: number): Promise<PortalDevice | undefined>;
  /** A recipient's devices that have not expired, newest first. */
  devices(recipient: string, now: number, limit: number): Promise<readonly PortalDevice[]>;
  /**
   * Forgets a device and ends all sessions of its owner but the one that asks, because any of them may have begun in that
   * browser. False, and nothing written, when it isn't the recipient's, or that session has ended.
   */
  removeDevice(
    tokenHash: Uint8Array,
    recipient: string,
    session: Uint8Array,
    now: number,
    events: Events,
  ): Promise<boolean>;

  /** Newest first. Copies without inline content (empty bytes): ask `reply` for what is to be opened. */
  replies(recipient: string, limit: number): Promise<readonly PortalReply[]>;
  reply(id: string): Promise<PortalReply | undefined>;
  /** Queues the reply as a received message, with the copy that its writer keeps; one commit. */
  putReply(reply: PortalReply, message: NewMessage, events: Events): Promise<void>;
  /**
   * Forgets the copy of a recipient's reply, so that neither database nor write-ahead log keeps it; gives the name of its
   * body file, to be removed. False, and nothing written, when there is none.
   */
  dropReplyCopy(id: string, recipient: string, events: Events): Promise<readonly string[] | false>;
  /** Appends events of an access, nothing else. */
  record(events: Events): Promise<void>;
}

export interface AccountStore {
  account(name: string): Promise<Account | undefined>;
  accounts(): Promise<readonly Account[]>;
  put(account: Account, events: Events): Promise<void>;
}

export interface TlsMemory {
  highest(domain: string): Promise<ReachedTlsLevel | undefined>;
  list(): Promise<
    readonly { readonly domain: string; readonly level: ReachedTlsLevel; readonly at: number }[]
  >;
  /** Forgets a domain; false when nothing was remembered. */
  reset(domain: string, events: Events): Promise<boolean>;
}

/** What a listing of keys shows; all that are given must hold. */
export interface KeyFilter {
  readonly kind?: KeyKind;
  /** Left out: all but `removed`. */
  readonly states?: readonly KeyState[];
  readonly fingerprint?: string;
  /** Upper-case hex digits that the fingerprint begins or ends with. */
  readonly abbreviated?: string;
  readonly limit: number;
}

/** Recipients' keys, and the gateway's own for signing. Public parts are kept as they are, secrets come sealed. */
export interface KeyStore {
  /** Every row of an address, whatever its state; the local part is compared without regard to ASCII case. */
  keysFor(address: string): Promise<readonly StoredKey[]>;
  /** For listings, by address. */
  list(filter: KeyFilter): Promise<readonly StoredKey[]>;
  /**
   * Adds a row, or replaces the one of the same kind, address and fingerprint. False, and nothing written, when it would
   * be a second `active` key of its kind and address, or when the row isn't as `expected` any more (undefined: absent),
   * because somebody else wrote it meanwhile: look again then.
   */
  put(
    key: StoredKey,
    events: Events,
    expected?: { readonly before: StoredKey | undefined },
  ): Promise<boolean>;
  /** Makes a key the active one; an active one beside it becomes `replaced`. False when there is no such row. */
  activate(
    ref: StoredKeyRef,
    set: { readonly actor: string; readonly pinned: boolean },
    events: Events,
  ): Promise<boolean>;
  /** A pending key becomes `rejected`. False when it is not pending. */
  reject(ref: StoredKeyRef, actor: string, events: Events): Promise<boolean>;
  /** The key becomes `removed`, see KEY_STATES. False when there is no such row, or it was removed before. */
  remove(ref: StoredKeyRef, events: Events): Promise<boolean>;
  /** The source gave the same key again; no event. */
  confirm(ref: StoredKeyRef, at: number): Promise<void>;
  ownKeys(): Promise<readonly OwnKey[]>;
  /** Those that could sign for a sender: its own first, then the gateway's. */
  ownKeysFor(kind: KeyKind, sender: string): Promise<readonly OwnKey[]>;
  /** Adds or replaces by fingerprint and address; an older key of the same kind and address is replaced. */
  putOwn(key: OwnKey, events: Events): Promise<void>;
  /** False when there is none. */
  removeOwn(fingerprint: string, events: Events): Promise<boolean>;
}

/** Appends audit events that belong to no change of work in progress. */
export interface AuditSink {
  record(events: Events): Promise<void>;
}

/** Writes one body, sealed, as it arrives. */
export interface BodyWriter {
  write(chunk: Uint8Array): Promise<void>;
  /** Syncs file and directory (large bodies) and gives what the row must keep. */
  finish(): Promise<SealedBody>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** Bytes of the plain content, from 0; `end` isn't part of it. */
export interface PlainRange {
  readonly start: number;
  readonly end: number;
}

export interface BodyStore {
  create(): BodyWriter;
  /**
   * The plain bytes, or some of them. The stream fails when a chunk was damaged, truncated, reordered or taken from another
   * body; of a range, when one that it lies in was, or the whole has the wrong length.
   */
  open(body: SealedBody, range?: PlainRange): Readable;
  /** Seals small content of our own (notices) at once. */
  seal(bytes: Uint8Array): Promise<SealedBody>;
  /** Removes the file of a body whose content was destroyed. */
  remove(fileName: string): Promise<void>;
}

/** Everything the relay stores, opened under the data directory's lock. */
export interface Store {
  readonly queue: QueueStore;
  readonly portal: PortalStore;
  readonly accounts: AccountStore;
  readonly tlsMemory: TlsMemory;
  readonly keys: KeyStore;
  readonly audit: AuditSink;
  readonly bodies: BodyStore;
  /** Hex SHA-256 of the newest audit event and its sequence number. */
  auditHead(): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Resolves with the cause when the store can no longer write (then the relay defers with 451 and exits). */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}
