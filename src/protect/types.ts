import type { StoredMessage, StoredRecipient } from '../model/message.js';
import type { Method } from '../model/method.js';

/** What leaves for a group of recipients of one message that share a method. */
export type OutboundCopy =
  | {
      readonly kind: 'smtp';
      /** The exact bytes to send, anew at each call (CRLF lines, not dot-stuffed). */
      readonly open: () => AsyncIterable<Uint8Array>;
      /** Bytes, for SIZE=. */
      readonly size: number;
      readonly eightBitMime: boolean;
      readonly smtpUtf8: boolean;
      /** These are the bytes that intake stored, of a message that somebody else wrote. */
      readonly asItCame?: true;
      /** Removes what was made for this attempt; called once, when the attempt has ended. */
      readonly dispose?: () => Promise<void>;
    }
  /** It can't be made now for a reason of ours, and nothing goes in its place: `deliver` tries again later. */
  | { readonly kind: 'not-now'; readonly status: string; readonly reason: string }
  /** Nothing is sent but a pickup notice; `deliver` places the recipients in the portal. */
  | { readonly kind: 'portal' }
  /** The method can't be used for a reason of key or encryption: `deliver` tries the next allowed one. */
  | {
      readonly kind: 'impossible';
      readonly reason: string;
      /** There is a key, and it isn't enough for the rules: nothing weaker may be used in its place. */
      readonly shortOfDemand?: true;
    };

/** Makes the copy of a message for recipients that share a method. Rejects only when the store fails. */
export type Protect = (
  message: StoredMessage,
  recipients: readonly StoredRecipient[],
  method: Method,
) => Promise<OutboundCopy>;
