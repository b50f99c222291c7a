import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto';
import { isoCBOR } from '@simplewebauthn/server/helpers';

/** What a page asks of a browser's `navigator.credentials`. */
interface Options {
  readonly challenge: string;
  readonly rpId?: string;
  readonly rp?: { readonly id?: string };
}

/** An authenticator in memory with one ES256 passkey, and every way to make it answer wrongly. */
export interface SoftAuthenticator {
  readonly id: string;
  counter: number;
  /** User present, user verified. */
  flags: number;
  origin: string;
  create(optionsJson: string): string;
  get(optionsJson: string): string;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest();

export function softAuthenticator(origin: string): SoftAuthenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credentialId = randomBytes(32);
  const clientData = (type: string, { challenge }: Options) =>
    Buffer.from(JSON.stringify({ type, challenge, origin: device.origin, crossOrigin: false }));
  const authenticatorData = (rpId: string, attested: boolean) => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(device.counter);
    return Buffer.concat([
      sha256(rpId),
      Buffer.from([device.flags | (attested ? 0x40 : 0)]),
      counter,
      ...(attested
        ? [Buffer.alloc(16), Buffer.from([0, credentialId.length]), credentialId, coseKey(publicKey)]
        : []),
    ]);
  };
  const device: SoftAuthenticator = {
    id: text(credentialId),
    counter: 0,
    flags: 0x05,
    origin,
    create: (json) => {
      const options = JSON.parse(json) as Options;
      const authData = authenticatorData(options.rp?.id ?? '', true);
      const attestation = isoCBOR.encode(
        new Map<string, unknown>([
          ['fmt', 'none'],
          ['attStmt', new Map()],
          ['authData', new Uint8Array(authData)],
        ]) as never,
      );
      return answer({
        clientDataJSON: text(clientData('webauthn.create', options)),
        attestationObject: text(attestation),
      });
    },
    get: (json) => {
      const options = JSON.parse(json) as Options;
      device.counter += 1;
      const data = clientData('webauthn.get', options);
      const authData = authenticatorData(options.rpId ?? '', false);
      const signature = createSign('sha256')
        .update(Buffer.concat([authData, sha256(data)]))
        .sign(privateKey);
      return answer({
        clientDataJSON: text(data),
        authenticatorData: text(authData),
        signature: text(signature),
      });
    },
  };
  const answer = (response: Readonly<Record<string, string>>) =>
    text(Buffer.from(JSON.stringify({ id: device.id, response })));
  return device;
}

function coseKey(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  return isoCBOR.encode(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, new Uint8Array(Buffer.from(x, 'base64url'))],
      [-3, new Uint8Array(Buffer.from(y, 'base64url'))],
    ]) as never,
  );
}
