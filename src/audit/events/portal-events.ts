import type { EnrolledBy, Proof } from '../../model/portal-item.js';
import type { About, AboutRecipient } from './about.js';

export interface PortalAccess {
  readonly item: string;
  readonly clientAddress: string;
}

export interface PortalStep {
  readonly messageId?: string;
  readonly item?: string;
  /** Only an address that the portal knows, because people type passwords into its field. */
  readonly recipient?: string;
  readonly clientAddress: string;
  readonly proof: Proof;
}

/** What changed in a portal account. */
export type PortalAccountChange =
  | 'registered'
  | 'password-set'
  | 'totp-enrolled'
  | 'totp-removed'
  | 'passkey-added'
  | 'passkey-removed'
  | 'device-remembered'
  | 'device-forgotten'
  | 'language'
  | 'signed-out-everywhere'
  /** By the organisation: `portal unlock --reset`. */
  | 'reset';

/** The pickup site: items, accounts and each access. */
export interface PortalEvents {
  'portal.item-created': AboutRecipient & { readonly item: string; readonly expiresAt: number };
  /** The link was fetched, by the recipient or by a mail scanner; nothing was shown or changed by it. */
  'portal.opened': AboutRecipient & PortalAccess;
  'portal.code-sent': AboutRecipient & PortalAccess & { readonly noticeId: string };
  'portal.code-refused': AboutRecipient & PortalAccess & { readonly reason: string };
  'portal.signed-in': AboutRecipient & PortalAccess;
  /**
   * `view`: the message page, its HTML body in the frame, as text, to print, the original as a file, or the page for a
   * reply, with Subject and addresses.
   */
  'portal.message-read': AboutRecipient &
    PortalAccess & { readonly view?: 'page' | 'html' | 'text' | 'print' | 'original' | 'reply' };
  /** `as`: the file itself, in an archive of all, or a page of it (`page`, from 1) as a picture. */
  'portal.attachment-read': AboutRecipient &
    PortalAccess & {
      readonly part: string;
      readonly as?: 'file' | 'archive' | 'preview';
      readonly page?: number;
    };
  /** The list of one's messages was shown, with the Subjects of so many. */
  'portal.list-read': {
    readonly recipient: string;
    readonly clientAddress: string;
    readonly subjects: number;
  };
  /** What was on its way to a reader was broken off: the session or the item had ended. */
  'portal.download-cut': AboutRecipient & PortalAccess & { readonly view: string; readonly reason: string };
  'portal.signed-out': { readonly recipient: string; readonly clientAddress: string };
  /** The first three only where the link was a known one. */
  'portal.refused': {
    readonly messageId?: string;
    readonly recipient?: string;
    readonly item?: string;
    readonly clientAddress: string;
    readonly reason: string;
  };
  /** A way in was proved: a step of signing in. The first two only where it was about an item. */
  'portal.proved': PortalStep;
  'portal.proof-refused': PortalStep & { readonly reason: string };
  /** A code to sign in by an address that was typed, because the password was lost or a change is to be confirmed. */
  'portal.account-code-sent': {
    readonly recipient: string;
    readonly clientAddress: string;
    readonly noticeId: string;
  };
  /**
   * Until then (epoch ms) no password of the account is checked for that network, or after very many wrong ones for any
   * but known browsers; or no second factor.
   */
  'portal.account-locked': {
    readonly recipient: string;
    readonly clientAddress: string;
    readonly until: number;
    readonly failures: number;
  };
  /** The item takes no passphrase any more, until `portal unlock` makes another. */
  'portal.passphrase-locked': AboutRecipient & PortalAccess;
  /** To be told by telephone: by the sender, who gets it by mail, or by the actor. */
  'portal.passphrase-made': AboutRecipient & { readonly item: string; readonly actor?: string };
  /** Recorded before the organisation's gateway for codes is called. */
  'portal.sms-asked': AboutRecipient & PortalAccess;
  'portal.sms-failed': AboutRecipient & PortalAccess & { readonly reason: string };
  /** Recorded before it is done. */
  'portal.account-changed': {
    readonly recipient: string;
    /** Absent: the organisation changed it. */
    readonly clientAddress?: string;
    /** Who in the organisation changed it. */
    readonly actor?: string;
    readonly change: PortalAccountChange;
    /** What stood behind a second factor that is enrolled. */
    readonly enrolledBy?: EnrolledBy;
    /** The mail that tells the owner. */
    readonly noticeId?: string;
  };
  'portal.unlocked': { readonly recipient: string; readonly actor: string; readonly items: number };
  'portal.expired': AboutRecipient & { readonly item: string };
  'portal.revoked': AboutRecipient & {
    readonly item: string;
    readonly actor: string;
    readonly reason: string;
  };
  'portal.notice-undeliverable': AboutRecipient & { readonly item: string };
  /** The recipient was told that it waits, or ends soon; or the sender, that nobody came yet. */
  'portal.reminded': AboutRecipient & {
    readonly item: string;
    readonly kind: 'remind' | 'ends-soon' | 'tell-sender';
  };
  /** The recipient wrote a reply, which is in the queue as `replyId`. */
  'portal.reply-sent': AboutRecipient &
    PortalAccess & {
      readonly replyId: string;
      readonly recipients: number;
      readonly attachments: number;
      /** Bytes of the whole message. */
      readonly size: number;
      /** The recipient keeps a copy in the portal. */
      readonly kept: boolean;
    };
  'portal.reply-refused': AboutRecipient & PortalAccess & { readonly reason: string };
  /** The copy that its writer keeps: shown, or `index` of its attachments saved. */
  'portal.reply-read': AboutRecipient & PortalAccess & { readonly replyId: string; readonly part?: string };
  'portal.reply-copy-deleted': AboutRecipient & PortalAccess & { readonly replyId: string };
  /** The sender took a message back, by the mail `requestId`; `wasRead`: after it was read. */
  'portal.recalled': AboutRecipient & {
    readonly item: string;
    readonly sender: string;
    readonly requestId: string;
    readonly wasRead: boolean;
  };
  /** `messageId` is the message meant, or where there is none of the sender's, the request. */
  'portal.recall-refused': About & {
    readonly recipient?: string;
    readonly item?: string;
    readonly sender: string;
    readonly requestId: string;
    readonly reason: string;
  };
  'portal.extended': AboutRecipient & {
    readonly item: string;
    readonly actor: string;
    readonly reason: string;
    readonly expiresAt: number;
  };
  /** A new notice with a new link; the link before opens nothing any more. */
  'portal.resent': AboutRecipient & {
    readonly item: string;
    readonly actor: string;
    readonly reason: string;
    readonly noticeId: string;
  };
}
