import { randomBytes } from 'node:crypto';
import { concat } from '../../keys/openpgp/cursor.js';
import type { OpenPgpSealingKey, SigningKey } from '../../keys/types.js';
import type { Payload } from '../payload/types.js';
import { SealFailed } from '../seal-failed.js';
import { armour } from './armour.js';
import { type ContentCipher, contentCipherV1, contentCipherV2 } from './content-cipher.js';
import { innerPackets } from './inner-packets.js';
import { MESSAGE_TAG } from './packet-tags.js';
import { partialPacket } from './partial-packet.js';
import { openRecipient, type Recipient } from './recipient.js';
import { sessionKeyPacket } from './session-key-packet.js';
import { type MessageSigner, messageSigner } from './signature-packets.js';
import { signingSecret } from './signer.js';

export interface SealPgpOptions {
  readonly payload: Payload;
  /** Judged usable by the caller: neither validity nor trust is looked at here. All of them open the same message. */
  readonly keys: readonly OpenPgpSealingKey[];
  /** Nothing in the message, not even inside, says whose keys open it. */
  readonly hiddenKeyIds: boolean;
  /** Whose signature goes inside, unless the sender's own is there already. */
  readonly signer?: Extract<SigningKey, { kind: 'openpgp' }>;
  /** Epoch milliseconds, for the signature. */
  readonly now: number;
}

/**
 * The whole outgoing message: the payload, signed where a signer is given, as one OpenPGP message (RFC 3156 4, 6.2). It is
 * made as it is read, and a few hundred kilobytes are in memory. The first thing read comes after everything but the content
 * is done, so that an unusable key fails before any byte.
 *
 * The packets are written here, by RFC 9580 and with every primitive from node:crypto. openpgp.js verifies the recipients'
 * keys again for each message and can't be told the cipher, which is left to what the keys prefer.
 *
 * @throws SealFailed while it is read. What came before it must be thrown away.
 */
export async function* sealPgp(options: SealPgpOptions): AsyncGenerator<Uint8Array> {
  try {
    const { payload, keys, hiddenKeyIds } = options;
    const recipients = openedRecipients(keys);
    const signer = await openedSigner(options, recipients);
    // RFC 9580 13.7: version 2 only where all can read it.
    const version = keys.every(({ seipd }) => seipd === 2) ? 2 : 1;
    const { sessionKeys, cipher } = encryption(recipients, version, hiddenKeyIds);
    // No line of an armour begins like this, and nobody can guess the rest.
    const boundary = `=_${randomBytes(24).toString('hex')}`;
    yield concat(payload.outerHeader, mimeHead(boundary));
    yield* armour(message(sessionKeys, cipher, innerPackets(payload, signer)), version === 1);
    yield Buffer.from(`\r\n--${boundary}--\r\n`);
  } catch (cause) {
    if (cause instanceof SealFailed) throw cause;
    throw new SealFailed('the content could not be read or encrypted', { cause });
  }
}

/** Two addresses may share a key. */
function openedRecipients(keys: readonly OpenPgpSealingKey[]): readonly Recipient[] {
  if (keys.length === 0) throw new SealFailed('no key');
  return [...new Map(keys.map((key) => [key.encryptionKey, openRecipient(key)])).values()];
}

async function openedSigner(
  { payload, signer, now, hiddenKeyIds }: SealPgpOptions,
  recipients: readonly Recipient[],
): Promise<MessageSigner | undefined> {
  if (signer === undefined || payload.alreadySigned) return undefined;
  // Every recipient can read the signature, so it names nobody where nobody is to know of the others.
  const intended = hiddenKeyIds ? [] : recipients.map(({ primary }) => primary);
  return messageSigner(await signingSecret(signer, now), { now, intended });
}

interface Encryption {
  readonly sessionKeys: Uint8Array;
  readonly cipher: ContentCipher;
}

/** A session key for this message alone, encrypted to each key. */
function encryption(recipients: readonly Recipient[], version: 1 | 2, hidden: boolean): Encryption {
  const sessionKey = randomBytes(32);
  const packets = recipients.map((recipient) =>
    sessionKeyPacket(recipient, sessionKey, { version: version === 2 ? 6 : 3, hidden }),
  );
  const cipher = version === 2 ? contentCipherV2(sessionKey) : contentCipherV1(sessionKey);
  sessionKey.fill(0);
  return { sessionKeys: concat(...packets), cipher };
}

/** An encrypted message (RFC 9580 10.3). */
async function* message(
  sessionKeys: Uint8Array,
  cipher: ContentCipher,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield sessionKeys;
  yield* partialPacket(MESSAGE_TAG.encryptedData, encrypted(cipher, plain));
}

/** Octets that are encrypted in one call. */
const SLICE = 64 * 1024;

async function* encrypted(
  cipher: ContentCipher,
  plain: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield cipher.head;
  for await (const chunk of plain) {
    for (let at = 0; at < chunk.length; at += SLICE) yield cipher.update(chunk.subarray(at, at + SLICE));
  }
  yield cipher.final();
}

/** MIME fields, the first part, and the head of the second (RFC 3156 4). */
function mimeHead(boundary: string): Buffer {
  return Buffer.from(
    [
      'MIME-Version: 1.0',
      'Content-Type: multipart/encrypted; protocol="application/pgp-encrypted";',
      ` boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: application/pgp-encrypted',
      'Content-Description: PGP/MIME version identification',
      '',
      'Version: 1',
      '',
      `--${boundary}`,
      'Content-Type: application/octet-stream; name="encrypted.asc"',
      'Content-Description: OpenPGP encrypted message',
      'Content-Disposition: inline; filename="encrypted.asc"',
      '',
      '',
    ].join('\r\n'),
  );
}
