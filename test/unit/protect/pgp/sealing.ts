import * as openpgp from 'openpgp';
import type { OpenPgpSealingKey, SigningKey } from '../../../../src/keys/types.js';
import type { Payload } from '../../../../src/protect/payload/types.js';
import { type SealPgpOptions, sealPgp } from '../../../../src/protect/pgp/seal-pgp.js';
import { KEYS_MADE_AT } from '../../../support/openpgp-keys.js';

export const NOW = KEYS_MADE_AT + 86_400_000;
export const OUTER_HEADER = Buffer.from(
  'From: gate@clinic.test\r\nTo: ada@keys.example\r\nSubject: ...\r\nMessage-ID: <1@clinic.test>\r\n',
);

/** An entity that comes in chunks of a size. */
export function payloadOf(
  entity: Uint8Array,
  options: { chunk?: number; alreadySigned?: boolean } = {},
): Payload {
  const chunk = options.chunk ?? 50_000;
  return {
    outerHeader: OUTER_HEADER,
    size: entity.length,
    open: async function* () {
      for (let at = 0; at < entity.length; at += chunk) yield entity.subarray(at, at + chunk);
    },
    alreadySigned: options.alreadySigned ?? false,
  };
}

/** Bytes of every value, the same at each run. */
export function someBytes(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 31 + (at >> 8) * 7) & 0xff));
}

/** What the judge of keys would say of a key that openpgp.js takes. */
export async function sealingKeyOf(material: Uint8Array, seipd: 1 | 2 = 1): Promise<OpenPgpSealingKey> {
  const key = await openpgp.readKey({ binaryKey: material });
  const chosen = await key.getEncryptionKey(undefined, null);
  return {
    kind: 'openpgp',
    fingerprint: key.getFingerprint().toUpperCase(),
    material,
    encryptionKey: chosen.getFingerprint().toUpperCase(),
    seipd,
  };
}

export function signerOf(fingerprint: string, secret: Uint8Array): Extract<SigningKey, { kind: 'openpgp' }> {
  return { kind: 'openpgp', fingerprint, secret };
}

export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const chunk of chunks) all.push(Buffer.from(chunk));
  return Buffer.concat(all);
}

export function sealed(
  options: Pick<SealPgpOptions, 'payload' | 'keys'> & Partial<SealPgpOptions>,
): Promise<Buffer> {
  return collect(sealPgp({ hiddenKeyIds: false, now: NOW, ...options }));
}

/** The OpenPGP message without its armour. */
export function packetsOf(message: Buffer): Buffer {
  const text = message.toString('latin1');
  const body =
    /-----BEGIN PGP MESSAGE-----\r\n\r\n([A-Za-z0-9+/=\r\n]*?)(?:=[A-Za-z0-9+/]{4}\r\n)?-----END/.exec(
      text,
    )?.[1];
  if (body === undefined) throw new Error('no OpenPGP message');
  return Buffer.from(body, 'base64');
}

/** Opens a message with openpgp.js; `signed` is whether its signature holds, undefined without one. */
export async function openWithLibrary(
  message: Buffer,
  secret: Uint8Array,
  signer?: Uint8Array,
): Promise<{ readonly content: Buffer; readonly signed: boolean | undefined }> {
  const opened = await openpgp.decrypt({
    message: await openpgp.readMessage({ binaryMessage: packetsOf(message) }),
    decryptionKeys: await openpgp.readPrivateKey({ binaryKey: secret }),
    ...(signer === undefined ? {} : { verificationKeys: await openpgp.readKey({ binaryKey: signer }) }),
    date: new Date(NOW),
    format: 'binary',
  });
  const [signature] = opened.signatures;
  return { content: Buffer.from(opened.data), signed: signature && (await signature.verified) };
}
