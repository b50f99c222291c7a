import type { RecipientKey, RecipientState, StoredMessage, StoredRecipient } from '../../model/message.js';
import type { Events } from './events.js';
import type { ChangedRow, NewMessage, QueueChange } from './queue-changes.js';

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
  /** The identity that submitted it. */
  readonly sender: string;
}

export interface QueueStore {
  /** A message received by intake: row, recipients, `message.accepted`. */
  insert(message: NewMessage, events: Events): Promise<void>;
  message(id: string): Promise<StoredMessage | undefined>;
  recipients(messageId: string): Promise<readonly StoredRecipient[]>;
  /**
   * Pickup notices and reminders that tell of a portal item, with what has become of them.
   * @param since ID of the first that counts: the links of those before open nothing any more
   */
  tellingOfItem(
    itemId: string,
    since: string,
  ): Promise<readonly { readonly id: string; readonly state: RecipientState }[]>;
  /** The wrapped key of a message's content, which no other has; undefined when it was destroyed. */
  contentKey(messageId: string): Promise<Uint8Array | undefined>;
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
  /**
   * Makes what a throttle keeps waiting due at `now`, because limits may have changed, and what would wait for more than `longest`
   * milliseconds, because the clock was set back. False when there is neither.
   */
  reconsiderWaiting(now: number, longest: number): Promise<boolean>;
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
