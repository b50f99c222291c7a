import type { Readable } from 'node:stream';
import type { AuditEvent } from '../audit/events.js';
import type { RetentionPlan } from '../audit/retention.js';
import type { Account } from '../model/account.js';
import type { Decision } from '../model/decision.js';
import type { KeyKind, KeyState, OwnKey, OwnKeyKind, StoredKey, StoredKeyRef } from '../model/key.js';
import type { LegalHold } from '../model/legal-hold.js';
import type {
  RecipientKey,
  RecipientState,
  RewrittenBody,
  SealedBody,
  StoredMessage,
  StoredRecipient,
} from '../model/message.js';
import type { Method, ReachedTlsLevel } from '../model/method.js';
import type { Approval, Operator } from '../model/operator.js';
import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../model/portal-item.js';
import type { Suppression } from '../model/suppression.js';
import type { InputOf, OutputOf } from './operations/index.js';

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

/** Narrows `due`, so that a stream or destination that is busy doesn't hide the others. All may be given. */
export interface DueFilter {
  readonly stream?: string;
  /** Recipient domains to leave out. */
  readonly exceptDomains?: readonly string[];
  /** Only these recipient domains. */
  readonly onlyDomains?: readonly string[];
}

/** An attempt that counts in counters with limits. */
export interface ThrottledAttempt {
  readonly attempts: readonly {
    readonly key: RecipientKey;
    /** Names of the counters that it counts in. */
    readonly counters: readonly string[];
    /** What to write into a row that a throttle had kept waiting, when it is tried. */
    readonly afterWaiting?: { readonly throttledMs: number; readonly expiresAt?: number };
  }[];
  /** Most in any 60 minutes, by counter. */
  readonly limits: Readonly<Record<string, number>>;
  readonly nextAttemptAt: number;
  readonly now: number;
}

export interface BegunAttempt {
  readonly begun: readonly RecipientKey[];
  /** Those left to wait, for which counter and until when. */
  readonly waiting: readonly {
    readonly key: RecipientKey;
    readonly counter: string;
    readonly until: number;
  }[];
}

export interface Undecided {
  readonly id: string;
  readonly stream: string;
}

export interface QueueStore {
  /** A message received by intake: row, recipients, `message.accepted`. */
  insert(message: NewMessage, events: Events): Promise<void>;
  message(id: string): Promise<StoredMessage | undefined>;
  recipients(messageId: string): Promise<readonly StoredRecipient[]>;
  /** Messages still `received`: so many of each stream, oldest first. */
  undecided(limit: number): Promise<readonly Undecided[]>;
  /** Commits one more inspection attempt before the job starts; gives the attempts including this one. */
  beginInspection(id: string): Promise<number>;
  /**
   * Applies the change; gives back the recipient rows that were really changed. Where it names recipients
   * and none of them could be changed, it was overtaken: `create` and `createPortalItems` are then left out. A portal
   * item whose own recipient was named but not changed is left out too, with the mail about it.
   */
  apply(change: QueueChange, events: Events): Promise<readonly ChangedRow[]>;
  /** Pending recipients with `nextAttemptAt <= now`, oldest first, within `filter`. */
  due(now: number, limit: number, filter?: DueFilter): Promise<readonly StoredRecipient[]>;
  /** Streams that have pending recipients with `nextAttemptAt <= now`. */
  dueStreams(now: number): Promise<readonly string[]>;
  /** The earliest `nextAttemptAt` of a pending recipient, or `expiresAt` of a held one. */
  nextDueAt(): Promise<number | undefined>;
  /** Commits attempt + 1 and the next time before dialling (pending rows only); gives the keys really changed. */
  beginAttempt(keys: readonly RecipientKey[], nextAttemptAt: number): Promise<readonly RecipientKey[]>;
  /** As `beginAttempt`, within limits for each hour. What is beyond them waits; nothing is dropped. */
  beginThrottled(attempt: ThrottledAttempt): Promise<BegunAttempt>;
  /** Makes what a throttle keeps waiting due at `now`, because limits may have changed. False when nothing waits. */
  reconsiderThrottled(now: number): Promise<boolean>;
  /** How many recipients are pending in each stream, and how many of them a throttle keeps waiting; for metrics. */
  pendingByStream(): Promise<
    readonly { readonly stream: string; readonly pending: number; readonly throttled: number }[]
  >;
  /** Held recipients whose hold ends at or before `now`. */
  expiredHolds(now: number, limit: number): Promise<readonly StoredRecipient[]>;
  /** For listings; newest first. Inline content is left out (empty bytes): ask `message` for what is to be opened. */
  list(filter: {
    readonly states?: readonly RecipientState[];
    readonly messageId?: string;
    readonly limit: number;
  }): Promise<readonly { readonly message: StoredMessage; readonly recipient: StoredRecipient }[]>;
  /**
   * A page of what is held, as `list` gives it: whose hold ends first comes first. `total` counts all pages.
   */
  held(page: { readonly offset: number; readonly limit: number }): Promise<{
    readonly rows: readonly { readonly message: StoredMessage; readonly recipient: StoredRecipient }[];
    readonly total: number;
  }>;
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

export interface OperatorStore {
  operator(name: string): Promise<Operator | undefined>;
  operators(): Promise<readonly Operator[]>;
  /**
   * Adds or replaces. False, and nothing written, when it isn't as `expected` any more (undefined: absent). What changes an
   * operator (`changedAt`, roles, token, disabled) voids the approvals that they gave, in the same commit.
   */
  put(operator: Operator, expected: Operator | undefined, events: Events): Promise<boolean>;
  /** Approvals that count, of one message or of all. */
  approvals(messageId?: string): Promise<readonly Approval[]>;
}

/** Addresses that are not tried any more. They are compared without regard to ASCII case. */
export interface SuppressionStore {
  /** Those of the addresses that are on the list at `now`. */
  suppressed(addresses: readonly string[], now: number): Promise<readonly Suppression[]>;
  /** Newest first, without what has expired. */
  list(now: number, limit: number): Promise<readonly Suppression[]>;
  /** Adds or replaces. The gateway doesn't replace what a person put there: then false, and nothing is written. */
  put(suppression: Suppression, events: Events): Promise<boolean>;
  /** False when it isn't on the list. */
  remove(address: string, events: Events): Promise<boolean>;
  /** Removes what expired from the file; its event told when it would. False when there is nothing. */
  forgetExpired(now: number): Promise<boolean>;
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
  ownKeysFor(kind: OwnKeyKind, sender: string): Promise<readonly OwnKey[]>;
  /** Adds or replaces by fingerprint and address; an older key of the same kind and address is replaced. */
  putOwn(key: OwnKey, events: Events): Promise<void>;
  /** False when there is none. */
  removeOwn(fingerprint: string, events: Events): Promise<boolean>;
}

/** Legal holds. What they cover is not destroyed, and stays in the audit log. */
export interface LegalHoldStore {
  /** By name. */
  list(): Promise<readonly LegalHold[]>;
  /** False, and nothing written, when there is one of that name. */
  add(hold: LegalHold, events: Events): Promise<boolean>;
  /**
   * Gives the names of body files that nothing keeps any more, to be removed; the rest goes with the next sweep. False,
   * and nothing written, when there is no such hold.
   */
  remove(name: string, events: Events): Promise<readonly string[] | false>;
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
  /** @param use `readSoon`: where there is room, what is not large stays in memory for the moment until it is read */
  create(use?: { readonly readSoon: boolean }): BodyWriter;
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

/** The bodies that the relay keeps. */
export interface KeptBodies extends BodyStore {
  /**
   * From now on `remove` only remembers what is to go, because somebody copies files. What is given removes it; a crash
   * leaves it to the next start.
   */
  keepFiles(): () => Promise<void>;
}

/** What a rotation of the master key does in relay.db. */
export interface MasterKeyStore {
  wrapped(input: InputOf<'wrappedKeys'>): Promise<OutputOf<'wrappedKeys'>>;
  rewrap(input: InputOf<'rewrap'>): Promise<number>;
  resealOwnKey(input: InputOf<'resealOwnKey'>): Promise<number>;
  resealOperator(input: InputOf<'resealOperator'>): Promise<number>;
  begin(input: InputOf<'beginRotation'>, events: Events): Promise<null>;
  /** False, with nothing done, when something is still sealed with the old key. */
  finish(input: InputOf<'finishRotation'>, events: Events): Promise<boolean>;
}

/** Everything the relay stores, opened under the data directory's lock. */
export interface Store {
  readonly queue: QueueStore;
  readonly portal: PortalStore;
  readonly accounts: AccountStore;
  readonly operators: OperatorStore;
  readonly tlsMemory: TlsMemory;
  readonly suppressions: SuppressionStore;
  readonly keys: KeyStore;
  readonly audit: AuditSink;
  readonly bodies: KeptBodies;
  readonly masterKeys: MasterKeyStore;
  readonly legalHolds: LegalHoldStore;
  /**
   * Removes files of the audit log older than `retention` whole months, `most` at once, as far as no legal hold covers
   * them; the event that says so is signed before. Gives what was removed and what stays.
   * @throws ChangeRefused when the log does not fit together, or a file can't be removed
   */
  pruneAudit(input: {
    readonly retention: number;
    readonly actor: string;
    readonly most: number;
  }): Promise<RetentionPlan>;
  /** Hex SHA-256 of the newest audit event and its sequence number. */
  auditHead(): Promise<{ readonly seq: number; readonly hash: string }>;
  /** Resolves with the cause when the store can no longer write (then the relay defers with 451 and exits). */
  readonly failed: Promise<Error>;
  close(): Promise<void>;
}
