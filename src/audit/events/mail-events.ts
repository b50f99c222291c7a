import type { Decision } from '../../model/decision.js';
import type { Confidence, ExistingProtection, FindingClass, PartStatus } from '../../model/inspection.js';
import type { KeyFacts } from '../../model/key.js';
import type { Method } from '../../model/method.js';
import type { TlsFacts } from '../../model/tls-facts.js';
import type { About, AboutRecipient } from './about.js';

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

/** The journey of messages, and what people and refusals change in it. */
export interface MailEvents {
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
}
