import { createHash, randomBytes } from 'node:crypto';
import { encodeLines } from '../base64-lines.js';
import type { Payload } from '../payload/types.js';
import { SealFailed } from '../seal-failed.js';
import { detachedSignature } from './signed-data.js';
import type { Signer } from './signer.js';

/** An entity whose length is known before it is read. */
export interface SizedEntity {
  readonly size: number;
  /** Fails with SealFailed rather than give more or fewer bytes than `size`. */
  readonly read: () => AsyncIterable<Uint8Array>;
}

/** The payload, held to the size that it says. */
export function payloadEntity(payload: Payload): SizedEntity {
  return { size: payload.size, read: () => exactly(payload.open(), payload.size) };
}

/**
 * A multipart/signed entity around the payload (RFC 8551 3.5.3; RFC 1847 2.1), with the payload unchanged as its first part:
 * that is the Cryptographic Payload, which carries the protected header fields (RFC 9788). Reads the payload once for the
 * digest here, and once more when the entity is read.
 * @param now epoch milliseconds
 * @throws SealFailed
 */
export async function signedEntity(payload: Payload, signer: Signer, now: number): Promise<SizedEntity> {
  const inner = payloadEntity(payload);
  const { hash, micalg } = signer.scheme;
  const whole = createHash(hash);
  for await (const chunk of inner.read()) whole.update(chunk);
  const digest = whole.digest();
  const signature = detachedSignature(signer, digest, now);

  // Neither base64 nor quoted-printable can hold `=_`, and nobody can guess the rest.
  const boundary = `=_${randomBytes(24).toString('hex')}`;
  const before = Buffer.from(
    [
      'Content-Type: multipart/signed; protocol="application/pkcs7-signature";',
      ` micalg=${micalg}; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      '',
    ].join('\r\n'),
  );
  // The line break before a boundary belongs to it, not to what is signed (RFC 2046 5.1.1).
  const after = Buffer.concat([
    Buffer.from(
      [
        '',
        `--${boundary}`,
        'Content-Type: application/pkcs7-signature; name=smime.p7s',
        'Content-Transfer-Encoding: base64',
        'Content-Disposition: attachment; filename=smime.p7s',
        '',
        '',
      ].join('\r\n'),
    ),
    encodeLines(signature),
    Buffer.from(`--${boundary}--\r\n`),
  ]);

  async function* read(): AsyncGenerator<Uint8Array> {
    yield before;
    const again = createHash(hash);
    for await (const chunk of inner.read()) {
      again.update(chunk);
      yield chunk;
    }
    if (!again.digest().equals(digest)) throw new SealFailed('the message changed while it was being signed');
    yield after;
  }
  return { size: before.length + payload.size + after.length, read };
}

async function* exactly(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array> {
  let left = size;
  for await (const chunk of source) {
    left -= chunk.length;
    if (left < 0) throw new SealFailed('the message is longer than was said');
    yield chunk;
  }
  if (left > 0) throw new SealFailed('the message is shorter than was said');
}
