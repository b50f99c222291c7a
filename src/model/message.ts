import type { Decision } from './decision.js';
import type { Method } from './method.js';

/** Where a queued message came from. Everything but `submitted` is made by the gateway and holds no PHI. */
export const MESSAGE_ORIGINS = [
  'submitted',
  'dsn',
  'pickup-notice',
  'access-code',
  'hold-notice',
  /** To the recipient: it still waits, or ends soon. */
  'pickup-reminder',
  /** To the sender: the passphrase to tell the recipient. */
  'passphrase-notice',
  /** To the sender: picked up (the receipt asked for), or not picked up. */
  'portal-receipt',
  /** To the sender: what came of a recall. */
  'recall-notice',
  /** To a portal account's owner: its password or second factor changed. */
  'account-notice',
  /** Written in the portal; inspected and decided like submitted mail. */
  'portal-reply',
] as const;
export type MessageOrigin = (typeof MESSAGE_ORIGINS)[number];

/** Recipient states; the last five are ends and are never left. */
export const RECIPIENT_STATES = [
  'received',
  'pending',
  'held',
  'in-portal',
  'delivered',
  'picked-up',
  'expired',
  'bounced',
  'ended',
] as const;
export type RecipientState = (typeof RECIPIENT_STATES)[number];
export const END_STATES = [
  'delivered',
  'picked-up',
  'expired',
  'bounced',
  'ended',
] as const satisfies readonly RecipientState[];

/** Sealed content: AES-256-GCM under a key of its own, which is wrapped by the master key. */
export interface SealedBody {
  readonly wrappedKey: Uint8Array;
  /** Plain size in bytes. */
  readonly size: number;
  readonly content:
    | { readonly kind: 'inline'; readonly bytes: Uint8Array }
    /** `name` is a file name under `<data_dir>/bodies`, made by us. */
    | { readonly kind: 'file'; readonly name: string };
}

/** RFC 3461 parameters of one message. */
export interface DsnOptions {
  readonly ret?: 'FULL' | 'HDRS';
  readonly envid?: string;
}

/**
 * Who wrote a message, beside or instead of its envelope sender; what rules on senders see. There for all mail that its
 * envelope sender did not write in their own name.
 */
export interface Authors {
  /** Canonical; without the envelope sender. */
  readonly addresses: readonly string[];
  /** Somebody of the organisation whom nothing names: a forwarding service put an address of its own in the envelope. */
  readonly unsure: boolean;
}

/** A message row. Addresses are canonical (`local@a-label-domain`, `''` for the null reverse-path). */
export interface StoredMessage {
  /** Our ID, as in `250 2.0.0 … queued as ID`. */
  readonly id: string;
  readonly origin: MessageOrigin;
  /** Epoch milliseconds, as are all times named `…At`. */
  readonly receivedAt: number;
  /** Name of the identity that submitted it; `sallyport` for our own. */
  readonly identity: string;
  readonly sender: string;
  /** Absent where it was written in the name of its envelope sender's identity. */
  readonly authors?: Authors;
  /** The Message-ID header's value, with angle brackets. */
  readonly headerMessageId: string;
  /** Its header has UTF-8, or an address of its envelope needs it: a server without SMTPUTF8 can't take it. */
  readonly smtpUtf8: boolean;
  /** It has octets above 127: a server without 8BITMIME can't take it. */
  readonly eightBitMime: boolean;
  readonly dsn: DsnOptions;
  readonly listener: string;
  readonly clientAddress: string;
  /** The client's TLS protocol and cipher, if it used TLS. */
  readonly clientTls?: { readonly protocol: string; readonly cipher: string };
  readonly state: 'received' | 'decided';
  /** Inspections begun; a message whose inspection died twice is decided as unread. */
  readonly inspectAttempts: number;
  /** A DSN may show the Subject: no findings, all parts read. False until decided. */
  readonly subjectShowable: boolean;
  /** The message that a DSN, notice or code belongs to. */
  readonly aboutMessage?: string;
  /** The portal item that a notice or code belongs to. */
  readonly aboutPortalItem?: string;
  /** Absent: `default`. */
  readonly stream?: string;
  /** Absent once the content was destroyed. */
  readonly body?: SealedBody;
  /** What leaves in its place for recipients whose decision names one of these copies; absent where there is none. */
  readonly rewritten?: readonly RewrittenBody[];
}

/** `RewrittenCopy.copy` where there was nothing to rewrite. */
export const COPY_AS_IT_CAME = 'original';

/** A copy of a message that was rewritten as rules ask for it. */
export interface RewrittenBody {
  /** `RewrittenCopy.copy` of the decisions that it answers. */
  readonly copy: string;
  readonly body: SealedBody;
}

/**
 * The content that may leave for a recipient, by whatever method: the message as it came, or, where its rules ask for
 * that, the copy that was rewritten. Undefined where that content doesn't exist: then nothing may leave.
 */
export function contentFor(
  message: Pick<StoredMessage, 'body' | 'rewritten'>,
  decision: Decision | undefined,
): SealedBody | undefined {
  // In shadow mode all leaves as it came (DESIGN "Deciding").
  if (decision?.demand.rewrite === undefined || decision.enforcement === 'shadow') return message.body;
  const { rewritten } = decision;
  if (rewritten === undefined || decision.cannotRewrite !== undefined) return undefined;
  if (rewritten.copy === COPY_AS_IT_CAME) return message.body;
  return message.rewritten?.find((one) => one.copy === rewritten.copy)?.body;
}

export interface StoredRecipient {
  readonly messageId: string;
  /** Position in the envelope, from 0. */
  readonly index: number;
  readonly address: string;
  readonly domain: string;
  /** RFC 3461 NOTIFY keywords, upper case; absent when the client gave none. */
  readonly notify?: readonly ('NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY')[];
  /** RFC 3461 ORCPT as given. */
  readonly orcpt?: string;
  readonly state: RecipientState;
  readonly decision?: Decision;
  /** The method now being tried; one of `decision.order`. */
  readonly method?: Method;
  readonly attempts: number;
  readonly nextAttemptAt?: number;
  /** When this recipient is given up (pending), or the hold becomes a bounce (held). */
  readonly expiresAt?: number;
  /** First temporary TLS failure of the current method in a row; cleared by success or a change of method. */
  readonly tlsFailingSince?: number;
  readonly delayWarnedAt?: number;
  /** Last failure: enhanced status code, and the peer's reply code or our reason; never body text. */
  readonly lastStatus?: string;
  readonly lastReason?: string;
  /** That of its message; absent: `default`. */
  readonly stream?: string;
  /** A throttle keeps it waiting since then; no attempt failed. */
  readonly throttledSince?: number;
  /** The counter that was full, as in `destination clinic.example`. */
  readonly throttledBy?: string;
  /** How long throttles kept it waiting before its attempts so far, in milliseconds. */
  readonly throttledMs?: number;
}

export interface RecipientKey {
  readonly messageId: string;
  readonly index: number;
}
