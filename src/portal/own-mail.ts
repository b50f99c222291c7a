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
  },
  bodies: Pick<BodyStore, 'seal'>,
) => Promise<NewMessage>;
