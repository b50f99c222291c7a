import type { Decision } from '../model/decision.js';
import type { Confidence, ExistingProtection, FindingClass, PartStatus } from '../model/inspection.js';
import type { KeyFacts, KeyKind, KeySource, KeyState } from '../model/key.js';
import type { Method } from '../model/method.js';
import type { Role } from '../model/operator.js';
import type { EnrolledBy, Proof } from '../model/portal-item.js';
import type { TlsFacts } from '../model/tls-facts.js';
import type { RemovedMonth } from './retention.js';

/** A finding as the log keeps it: no value, only masked forms and keyed fingerprints. */
export interface AuditedFinding {
  readonly detector: string;
  readonly class: FindingClass;
  readonly confidence: Confidence;
  readonly count: number;
  readonly distinct: number;
  readonly masked: readonly string[];
  readonly fingerprints: readonly string[];
  readonly where: readonly string[];
}

/** A part as the log keeps it: never its file name. */
export interface AuditedPart {
  readonly path: string;
  readonly mediaType: string;
  readonly status: PartStatus;
  readonly size: number;
}

interface About {
  readonly messageId: string;
}
export interface AboutKey {
  readonly kind: KeyKind;
  readonly address: string;
  readonly fingerprint: string;
  readonly source: KeySource;
}
interface AboutOwnKey {
  readonly actor: string;
  readonly kind: KeyKind;
  readonly fingerprint: string;
  /** The sender it signs for; absent: the gateway. */
  readonly address?: string;
}
interface AboutDkimKey {
  readonly actor: string;
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: string;
  readonly fingerprint: string;
}
interface AboutRecipient extends About {
  readonly recipient: string;
}

/**
 * What each event type records. Names and fields are a contract: `audit search --json`, `show --json` and exports
 * print them. Nothing here may hold body text, a Subject, a matched value, a file name or a secret.
 */
export interface AuditEventData {
  'relay.started': {
    readonly version: string;
    readonly enforcement: 'enforce' | 'shadow';
    readonly configHash: string;
  };
  'relay.stopped': { readonly reason: string };
  'config.loaded': { readonly configHash: string };
  'config.rejected': { readonly error: string };
  /** A listener or the portal shows another certificate from now on. `expiresAt`: epoch milliseconds. */
  'certificate.changed': {
    readonly part: string;
    readonly fingerprint: string;
    readonly expiresAt: number;
  };
  /** The files changed to what can't be used; the certificate before stays. */
  'certificate.rejected': { readonly part: string; readonly error: string };
  'policy.loaded': {
    readonly policyHash: string;
    readonly rules: number;
    readonly enforcement: 'enforce' | 'shadow';
  };
  'policy.rejected': { readonly error: string; readonly keptPolicyHash: string };

  'login.succeeded': { readonly listener: string; readonly clientAddress: string; readonly account: string };
  'login.failed': {
    readonly listener: string;
    readonly clientAddress: string;
    /** Only when such an account exists; otherwise absent, because people type passwords into the name field. */
    readonly account?: string;
    readonly reason: string;
  };
  'session.refused': {
    readonly listener: string;
    readonly clientAddress: string;
    readonly identity?: string;
    /** `connect | helo | auth | mail | rcpt | data | body | limit`. */
    readonly stage: string;
    readonly code: number;
    readonly status: string;
    readonly reason: string;
    /** Canonical addresses, only where they parsed. */
    readonly sender?: string;
    readonly recipient?: string;
    /** Identical refusals of this client that were not recorded one by one since the last that was. */
    readonly leftOut?: number;
  };
  'message.accepted': About & {
    readonly identity: string;
    readonly listener: string;
    readonly clientAddress: string;
    readonly clientTls?: { readonly protocol: string; readonly cipher: string };
    readonly sender: string;
    /** Who wrote it beside the envelope sender. `unsure`: somebody of the organisation, whom nothing names. */
    readonly authors?: { readonly addresses: readonly string[]; readonly unsure: boolean };
    /** What let it in beyond the identity's own name; absent: its own name. */
    readonly senderRule?: 'null-sender' | 'on-behalf-of' | 'resent' | 'redirected';
    readonly recipients: readonly string[];
    readonly size: number;
    readonly headerMessageId: string;
    /** Bare CR or LF in the content became CR LF, as the listener's `bare_newline` says, before anything was read. */
    readonly bareNewlines?: 'normalized';
  };
  'message.inspected': About & {
    readonly parts: readonly AuditedPart[];
    readonly ambiguities: readonly {
      readonly name: string;
      readonly part: string;
      readonly material: boolean;
    }[];
    readonly findings: readonly AuditedFinding[];
    readonly classifications: readonly string[];
    readonly failure?: 'timed-out' | 'crashed';
    /** The sender's own protection, e.g. `pgp-mime encrypted`; absent: none. */
    readonly protection?: ExistingProtection;
    /** Keyed, see subject-fingerprint; absent: it has no Subject, or could not be read. */
    readonly subjectFingerprint?: string;
    readonly durationMs: number;
  };
  /** A copy was rewritten as rules ask, inspected, and kept for the recipients whose decision names it. */
  'message.rewritten': About & {
    readonly copy: string;
    readonly canonicalised: boolean;
    /** Detectors whose findings were masked. */
    readonly redacted: readonly string[];
    /** Places that were masked. */
    readonly places: number;
    readonly size: number;
    /** Of the copy, hex. */
    readonly sha256: string;
  };
  'recipient.decided': AboutRecipient & { readonly decision: Decision };
  'recipient.held': AboutRecipient & { readonly reason: string; readonly expiresAt: number };
  'recipient.method-changed': AboutRecipient & {
    readonly from: Method;
    readonly to: Method;
    readonly reason: string;
  };
  'recipient.deferred': AboutRecipient & {
    readonly method: Method;
    readonly attempt: number;
    readonly nextAttemptAt: number;
    readonly status: string;
    /** Peer's reply code and our words; never the peer's free text. */
    readonly reason: string;
    readonly tls?: TlsFacts;
    readonly host?: string;
  };
  /** The copy is made with these keys from here on; recorded before it is. */
  'recipient.sealed': AboutRecipient & {
    readonly method: 'pgp' | 'smime';
    readonly key: KeyFacts;
    /** Fingerprint of the key that signs it; absent: it is not signed by the gateway. */
    readonly signedBy?: string;
  };
  'recipient.delivered': AboutRecipient & {
    readonly method: Method;
    readonly host: string;
    readonly hostAddress: string;
    readonly replyCode: number;
    readonly tls: TlsFacts;
    /** Name of the smarthost route and who owns its promise of TLS onward, where one was used. */
    readonly route?: string;
    readonly onwardTlsOwner?: string;
    readonly attempt: number;
    /** How long throttles had kept it waiting, in milliseconds; absent: not at all. */
    readonly throttledMs?: number;
  };
  'recipient.bounced': AboutRecipient & {
    readonly status: string;
    readonly reason: string;
    readonly host?: string;
  };
  'recipient.expired': AboutRecipient & { readonly reason: string };
  'recipient.ended': AboutRecipient & { readonly actor: string; readonly reason: string };
  'recipient.released': AboutRecipient & {
    readonly actor: string;
    readonly method: Method;
    /** The other operator, where two must release it. */
    readonly approvedBy?: string;
    /** In the person's words. */
    readonly reason?: string;
  };
  /** The first of two operators who must release it. */
  'held.approved': AboutRecipient & {
    readonly actor: string;
    readonly method: Method;
    readonly reason?: string;
  };
  /** It is received again, to be decided by the policy now in force. */
  'held.decide-again': AboutRecipient & { readonly actor: string };
  /** Recorded before the content of a held message is shown to an operator. */
  'held.content-viewed': About & { readonly actor: string; readonly clientAddress?: string };
  /** A DSN, notice or code was queued about another message. `messageId` is the one it is about. */
  'notice.queued': About & {
    readonly noticeId: string;
    readonly kind:
      | 'dsn'
      | 'pickup-notice'
      | 'access-code'
      | 'hold-notice'
      | 'passphrase-notice'
      | 'pickup-reminder'
      | 'portal-receipt'
      | 'recall-notice'
      | 'account-notice';
    readonly recipient: string;
  };
  /** Key and content are forgotten: the message's own, or with `item` and `recipient` a copy in the portal. */
  'content.destroyed': About & {
    readonly reason: string;
    readonly item?: string;
    readonly recipient?: string;
  };

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

  'operator.added': {
    readonly actor: string;
    readonly operator: string;
    readonly roles: readonly Role[];
    readonly secondFactor: boolean;
  };
  'operator.changed': {
    readonly actor: string;
    readonly operator: string;
    /** `recovered`: with the relay stopped, by whoever may open its files. */
    readonly change: 'roles' | 'token' | 'totp' | 'enabled' | 'recovered';
    /** Those that the operator has from here on. */
    readonly roles: readonly Role[];
  };
  'operator.disabled': { readonly actor: string; readonly operator: string };
  /** Without `clientAddress`: by a command on this machine. */
  'operator.logged-in': {
    readonly operator: string;
    readonly clientAddress?: string;
    readonly secondFactor: boolean;
  };
  'operator.signed-out': { readonly operator: string; readonly clientAddress: string };
  'operator.login-failed': {
    /** Only where there is such an operator, because people type passwords into the name field. */
    readonly operator?: string;
    readonly clientAddress?: string;
    readonly reason: string;
  };
  /** Somebody was not let in at the review page. `operator`: who was signed in; `messageId`: a message that is held. */
  'review.refused': {
    readonly operator?: string;
    readonly messageId?: string;
    readonly clientAddress: string;
    readonly reason: string;
  };
  /** Somebody asked for what their roles don't allow. */
  'operator.refused': { readonly actor: string; readonly act: string; readonly reason: string };
  'account.added': { readonly actor: string; readonly account: string; readonly senders: readonly string[] };
  'account.password-changed': { readonly actor: string; readonly account: string };
  /** What an account may do beyond writing in its own name, from here on. */
  'account.allowed': {
    readonly actor: string;
    readonly account: string;
    readonly forwarding: 'off' | 'resent' | 'redirected';
    readonly onBehalfOf: readonly string[];
  };
  'account.disabled': { readonly actor: string; readonly account: string };
  'account.enabled': { readonly actor: string; readonly account: string };
  'key.imported': AboutKey & { readonly actor: string; readonly state: KeyState };
  /** First seen at a source and taken for this address. */
  'key.discovered': AboutKey;
  /** The same key with further signatures, dates or revocations. */
  'key.updated': AboutKey;
  /** Another key than the active one: it waits for a person, and neither is used. */
  'key.pending': AboutKey & { readonly activeFingerprint: string };
  'key.trusted': AboutKey & {
    readonly actor: string;
    /** The person vouches for the certificate itself. */
    readonly pinned: boolean;
    readonly replacedFingerprint?: string;
  };
  /** A person refused a pending key; it is not proposed again. */
  'key.rejected': AboutKey & { readonly actor: string };
  'key.removed': AboutKey & { readonly actor: string };
  'own-key.imported': AboutOwnKey;
  'own-key.removed': AboutOwnKey;
  /** A key that signs mail for a domain (RFC 6376), kept sealed. */
  'dkim-key.made': AboutDkimKey;
  'dkim-key.removed': AboutDkimKey;
  'queue.retried': AboutRecipient & { readonly actor: string };
  /** Not tried any more from here on. `messageId`: the message whose refusal led here; `actor`: the person who said so. */
  'suppression.added': {
    readonly messageId?: string;
    readonly recipient: string;
    readonly reason: string;
    /** RFC 3463 status of the refusal, and the server that gave it. */
    readonly status?: string;
    readonly host?: string;
    readonly actor?: string;
    /** Epoch milliseconds; absent: until somebody removes it. */
    readonly expiresAt?: number;
  };
  'suppression.removed': { readonly recipient: string; readonly actor: string; readonly reason?: string };
  'tls-memory.reset': { readonly actor: string; readonly domain: string };
  'roster.imported': {
    readonly actor: string;
    readonly roster: string;
    /** Kinds of its columns, never their values. */
    readonly columns: readonly string[];
    readonly rows: number;
    /** SHA-256 of the index file, in hex. */
    readonly fileHash: string;
  };
  'roster.removed': { readonly actor: string; readonly roster: string };
  'audit.exported': {
    readonly actor: string;
    readonly target: string;
    /** Absent: a whole copy. */
    readonly format?: string;
  };
  /** Before files of months whose time is over are removed, oldest first. What stays begins where the last of them ends. */
  'audit.pruned': {
    readonly actor: string;
    /** Whole months that are kept behind the month of now. */
    readonly retention: number;
    readonly months: readonly RemovedMonth[];
  };
  /** A person placed a hold: nothing that it covers is removed or destroyed. Times are epoch milliseconds. */
  'legal-hold.added': {
    readonly actor: string;
    readonly name: string;
    readonly reason: string;
    readonly since?: number;
    readonly until?: number;
    readonly address?: string;
  };
  'legal-hold.removed': { readonly actor: string; readonly name: string; readonly reason: string };
  /** Before a backup gets its name. */
  'backup.made': {
    readonly actor: string;
    readonly target: string;
    readonly files: number;
    readonly messages: number;
    /** The newest event in it. */
    readonly auditSeq: number;
    /** SHA-256 of its manifest, in hex. */
    readonly manifestHash: string;
  };
  /** The first start after a restore: this log goes on from the one in the backup. Times are epoch milliseconds. */
  'store.restored': {
    readonly madeAt: number;
    readonly restoredAt: number;
    readonly manifestHash: string;
    /** Recipients held so that nothing is sent twice. */
    readonly held: number;
    /** Somebody chose that what waited then goes on by itself. */
    readonly resumed: boolean;
  };
  /** A new master key is there: what is sealed from now on is sealed with it. Keys are named by their number. */
  'master-key.rotation-started': { readonly actor: string; readonly from: number; readonly to: number };
  /** Nothing is sealed with the old master key any more; its file goes. */
  'master-key.rotation-finished': { readonly from: number; readonly to: number; readonly resealed: number };
}

export type AuditEventType = keyof AuditEventData;

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

export interface PortalAccess {
  readonly item: string;
  readonly clientAddress: string;
}

/** One event to be appended. Sequence number, time and hashes are given by the log. */
export type AuditEvent = {
  [T in AuditEventType]: { readonly type: T; readonly data: AuditEventData[T] };
}[AuditEventType];

/** An event of type `type`; narrows `data` for the compiler. */
export function auditEvent<T extends AuditEventType>(
  type: T,
  data: AuditEventData[T],
): { type: T; data: AuditEventData[T] } {
  return { type, data };
}
