import type {
  PortalAccount,
  PortalCode,
  PortalDevice,
  PortalItem,
  PortalPasskey,
  PortalReply,
  PortalSession,
} from '../../model/portal-item.js';
import type { Events } from './events.js';
import type { NewMessage } from './queue-changes.js';

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
      readonly noticeId?: string;
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
