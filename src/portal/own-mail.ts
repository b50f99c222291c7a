import type { MessageOrigin } from '../model/message.js';
import type { BodyStore, NewMessage } from '../store/ports.js';

/** Makes a mail of the gateway's own, sealed and ready to be queued. Given to the portal by whoever wires it. */
export type OwnMail = (
  input: {
    readonly origin: MessageOrigin;
    /** `''` is the null reverse-path. */
    readonly envelopeFrom: string;
    readonly headerFrom: { readonly name: string; readonly address: string };
    readonly to: string;
    readonly subject: string;
    readonly text: string;
    readonly html?: string;
    readonly aboutMessage?: string;
    readonly aboutPortalItem?: string;
    readonly now: number;
    readonly hostname: string;
    readonly lifetimeMs: number;
    /** Message-ID (with angle brackets) that it answers. */
    readonly inReplyTo?: string;
    /** RFC 3834 section 5; `auto-generated` where left out. */
    readonly autoSubmitted?: 'auto-replied' | 'auto-generated';
    /** Further parts of a multipart/report (RFC 6522); `text` is its first part. */
    readonly report?: {
      readonly type: string;
      readonly parts: readonly { readonly contentType: string; readonly content: string }[];
    };
  },
  bodies: Pick<BodyStore, 'seal'>,
) => Promise<NewMessage>;
