import { createCipheriv, randomBytes } from 'node:crypto';
import type { SigningKey, X509SealingKey } from '../../keys/types.js';
import { base64Lines } from '../base64-lines.js';
import type { Payload } from '../payload/types.js';
import {
  type ContentCipher,
  chooseCipher,
  chooseKeyTransport,
  type KeyTransport,
} from './choose-algorithms.js';
import { CIPHER_FRAMES, frameHead, frameTag, TAG_LENGTH } from './enveloped-frame.js';
import { prepareRecipient, type Recipient } from './recipient.js';
import { recipientInfos } from './recipient-info.js';
import { openSigner } from './signer.js';
import { payloadEntity, type SizedEntity, signedEntity } from './sized-entity.js';

/** Bytes that are encrypted in one call. */
const SLICE = 64 * 1024;

export interface SealSmimeOptions {
  readonly payload: Payload;
  /** Judged usable by the caller: neither validity nor trust is looked at here. */
  readonly key: X509SealingKey;
  /** For certificates that name no cipher. */
  readonly cipher: ContentCipher;
  /** For RSA certificates that don't name OAEP. */
  readonly keyTransport: KeyTransport;
  /** Whose signature goes inside, unless the sender's own is there already. */
  readonly signer?: Extract<SigningKey, { kind: 'x509' }>;
  /** Epoch milliseconds, for the signing time. */
  readonly now: number;
}

/**
 * The whole outgoing message for one certificate (RFC 8551 3.3, 3.4): the payload, signed first where a signer is given
 * (3.7), in EnvelopedData or AuthEnvelopedData. It is made as it is read; nothing but a few blocks is in memory. The first
 * thing read comes after everything but the content is done, so that an unusable key fails before any byte.
 * @throws SealFailed while it is read, and what `payload.open` throws. What came before it must be thrown away.
 */
export async function* sealSmime(options: SealSmimeOptions): AsyncGenerator<Uint8Array> {
  const { payload, key, signer } = options;
  const recipient = prepareRecipient(key);
  const cipher = chooseCipher(key.capabilities, options.cipher);
  const entity =
    signer === undefined || payload.alreadySigned
      ? payloadEntity(payload)
      : await signedEntity(payload, openSigner(signer), options.now);
  const content = envelope(entity, {
    recipient,
    cipher,
    transport: chooseKeyTransport(key.capabilities, options.keyTransport),
  });
  yield Buffer.concat([payload.outerHeader, contentHeader(cipher)]);
  yield* base64Lines(content);
}

/** MIME fields, and the blank line (RFC 8551 3.2.1, 3.2.2, 3.4). */
function contentHeader(cipher: ContentCipher): Buffer {
  const type = cipher === 'aes-256-gcm' ? 'authEnveloped-data' : 'enveloped-data';
  return Buffer.from(
    [
      'MIME-Version: 1.0',
      `Content-Type: application/pkcs7-mime; smime-type=${type}; name=smime.p7m`,
      'Content-Disposition: attachment; filename=smime.p7m',
      'Content-Transfer-Encoding: base64',
      '',
      '',
    ].join('\r\n'),
  );
}

interface EnvelopeOptions {
  readonly recipient: Recipient;
  readonly cipher: ContentCipher;
  readonly transport: KeyTransport;
}

/** The CMS object, with a content key and an IV of its own. */
function envelope(entity: SizedEntity, options: EnvelopeOptions): AsyncGenerator<Uint8Array> {
  const { recipient, cipher, transport } = options;
  const contentKey = randomBytes(32);
  const iv = randomBytes(CIPHER_FRAMES[cipher].ivLength);
  const head = frameHead({
    cipher,
    iv,
    recipientInfos: recipientInfos(recipient, transport, contentKey),
    keyAgreement: recipient.kind === 'ec',
    size: entity.size,
  });
  const gcm =
    cipher === 'aes-256-gcm'
      ? createCipheriv(cipher, contentKey, iv, { authTagLength: TAG_LENGTH })
      : undefined;
  const encrypt = gcm ?? createCipheriv('aes-256-cbc', contentKey, iv);
  contentKey.fill(0);

  async function* read(): AsyncGenerator<Uint8Array> {
    yield head;
    for await (const chunk of entity.read()) {
      for (let at = 0; at < chunk.length; at += SLICE) yield encrypt.update(chunk.subarray(at, at + SLICE));
    }
    yield encrypt.final();
    if (gcm !== undefined) yield frameTag(gcm.getAuthTag());
  }
  return read();
}
