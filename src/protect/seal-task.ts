import type { SealingKey, SigningKey } from '../keys/types.js';
import type { SealedBody } from '../model/message.js';

/** One sealed copy to be made by a thread; plain data. */
export interface SealTask {
  /** The message as intake stored it. */
  readonly body: SealedBody;
  readonly keys: readonly SealingKey[];
  /** Absent: not signed by the gateway. */
  readonly signer?: SigningKey;
  readonly subject: string;
  /** Stands outside for the IDs of the message, which hold what must not show. */
  readonly outerMessageId?: string;
  readonly legacyDisplay: boolean;
  readonly hiddenKeyIds: boolean;
  readonly cipher: 'aes-256-cbc' | 'aes-256-gcm';
  readonly keyTransport: 'rsa-pkcs1' | 'rsa-oaep';
  /** Epoch milliseconds. */
  readonly now: number;
}

export type SealAnswer =
  | {
      readonly kind: 'sealed';
      /** The whole message to be sent. */
      readonly body: SealedBody;
      /** Its outer header has bytes above 127. */
      readonly eightBit: boolean;
    }
  /** The content could not be sealed; `reason` is for people and holds nothing of it. */
  | { readonly kind: 'failed'; readonly reason: string };
