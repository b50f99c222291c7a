import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
} from 'node:crypto';

/** Keys and signatures packet by packet, so that each can be wrong in its own way (RFC 9580 4.2, 5.2.3, 5.5.2). */

export interface ForgedKey {
  readonly version: 4 | 6;
  readonly algorithm: number;
  readonly created: number;
  readonly body: Uint8Array;
  readonly fingerprint: string;
  readonly privateKey?: KeyObject;
}

export interface ForgedSignature {
  readonly signer: ForgedKey;
  readonly type: number;
  /** What is signed before the signature's own part. */
  readonly over: Uint8Array;
  /** Epoch milliseconds. */
  readonly created: number;
  /** Subpackets beside date and issuer. */
  readonly hashed?: readonly Uint8Array[];
  readonly unhashed?: readonly Uint8Array[];
  readonly hash?: keyof typeof HASH_IDS;
  /** Said to be the issuer. */
  readonly issuer?: ForgedKey;
}

const HASH_IDS = { md5: 1, sha1: 2, sha256: 8, sha512: 10, sha224: 11 } as const;

export const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));
export const octets = (value: number, count: number): Uint8Array => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes.subarray(8 - count);
};
export const mpi = (value: Uint8Array): Uint8Array => {
  const start = value.findIndex((byte) => byte !== 0);
  const bytes = start < 0 ? new Uint8Array(0) : value.subarray(start);
  const bits = bytes.length === 0 ? 0 : bytes.length * 8 - Math.clz32(bytes[0]!) + 24;
  return join(octets(bits, 2), bytes);
};

/** Five octets of length: valid for any size. */
export const packet = (tag: number, body: Uint8Array): Uint8Array =>
  join(Uint8Array.of(0xc0 | tag, 255), octets(body.length, 4), body);
export const subpacket = (type: number, body: Uint8Array | readonly number[], critical = false): Uint8Array =>
  join(Uint8Array.of(255), octets(body.length + 1, 4), Uint8Array.of(type | (critical ? 0x80 : 0), ...body));

export const keyFlags = (...flags: readonly number[]): Uint8Array => subpacket(27, flags, true);
export const keyExpires = (seconds: number): Uint8Array => subpacket(9, octets(seconds, 4), true);
export const signatureExpires = (seconds: number): Uint8Array => subpacket(3, octets(seconds, 4), true);
export const revocationReason = (code: number): Uint8Array => subpacket(29, [code]);

export function forgeKey(
  algorithm: number,
  created: number,
  numbers: Uint8Array,
  privateKey?: KeyObject,
): ForgedKey {
  const body = join(Uint8Array.of(4), octets(created / 1000, 4), Uint8Array.of(algorithm), numbers);
  const fingerprint = createHash('sha1').update(hashedKey(body)).digest('hex').toUpperCase();
  return {
    version: 4,
    algorithm,
    created,
    body,
    fingerprint,
    ...(privateKey === undefined ? {} : { privateKey }),
  };
}

const P256 = Uint8Array.from([8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
const CURVE25519 = Uint8Array.from([10, 0x2b, 6, 1, 4, 1, 0x97, 0x55, 1, 5, 1]);

export function forgeEcdsa(created: number): ForgedKey {
  const { point, privateKey } = p256();
  return forgeKey(19, created, join(P256, mpi(point)), privateKey);
}

export function forgeEcdh(created: number, kdf: readonly number[] = [3, 1, 8, 7]): ForgedKey {
  const { point, privateKey } = p256();
  return forgeKey(18, created, join(P256, mpi(point), Uint8Array.from(kdf)), privateKey);
}

export function forgeX25519(created: number, point: Uint8Array): ForgedKey {
  return forgeKey(
    18,
    created,
    join(CURVE25519, mpi(join(Uint8Array.of(0x40), point)), Uint8Array.of(3, 1, 8, 7)),
  );
}

export function forgeRsa(created: number, bits: number, algorithm = 1): ForgedKey {
  const { publicKey, privateKey } = imported(
    generateKeyPairSync('rsa', { modulusLength: bits, publicKeyEncoding, privateKeyEncoding }),
  );
  const { n, e } = publicKey.export({ format: 'jwk' });
  const numbers = join(mpi(Buffer.from(n!, 'base64url')), mpi(Buffer.from(e!, 'base64url')));
  return forgeKey(algorithm, created, numbers, privateKey);
}

const publicKeyEncoding = { type: 'spki', format: 'der' } as const;
const privateKeyEncoding = { type: 'pkcs8', format: 'der' } as const;

/** Exporting a key that was just made can hang on Node 20, when garbage is collected meanwhile. */
function imported(pair: { readonly publicKey: Buffer; readonly privateKey: Buffer }) {
  return {
    publicKey: createPublicKey({ key: pair.publicKey, type: 'spki', format: 'der' }),
    privateKey: createPrivateKey({ key: pair.privateKey, type: 'pkcs8', format: 'der' }),
  };
}

function p256(): { readonly point: Uint8Array; readonly privateKey: KeyObject } {
  const { publicKey, privateKey } = imported(
    generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding }),
  );
  const { x, y } = publicKey.export({ format: 'jwk' });
  const point = join(Uint8Array.of(4), Buffer.from(x!, 'base64url'), Buffer.from(y!, 'base64url'));
  return { point, privateKey };
}

export const hashedKey = (body: Uint8Array): Uint8Array =>
  join(Uint8Array.of(0x99), octets(body.length, 2), body);
export const overUserId = (key: ForgedKey, userId: string | Uint8Array): Uint8Array => {
  const text = Buffer.from(userId);
  return join(hashedKey(key.body), Uint8Array.of(0xb4), octets(text.length, 4), text);
};
export const overSubkey = (key: ForgedKey, subkey: ForgedKey): Uint8Array =>
  join(hashedKey(key.body), hashedKey(subkey.body));

/** The body of a version 4 signature by an RSA or P-256 key. */
export function forgeSignature(wish: ForgedSignature): Uint8Array {
  const { signer, type, over, created, hashed = [], unhashed = [], hash = 'sha256', issuer = signer } = wish;
  const area = join(
    subpacket(2, octets(created / 1000, 4), true),
    subpacket(33, join(Uint8Array.of(4), Buffer.from(issuer.fingerprint, 'hex'))),
    ...hashed,
  );
  const head = join(Uint8Array.of(4, type, signer.algorithm, HASH_IDS[hash]), octets(area.length, 2), area);
  const input = join(over, head, Uint8Array.of(4, 0xff), octets(head.length, 4));
  const key = signer.privateKey!;
  const rsa = signer.algorithm <= 3;
  const signature = sign(hash, input, rsa ? key : { key, dsaEncoding: 'ieee-p1363' });
  const half = signature.length / 2;
  const other = join(subpacket(16, Buffer.from(issuer.fingerprint.slice(-16), 'hex')), ...unhashed);
  return join(
    head,
    octets(other.length, 2),
    other,
    createHash(hash).update(input).digest().subarray(0, 2),
    ...(rsa ? [mpi(signature)] : [mpi(signature.subarray(0, half)), mpi(signature.subarray(half))]),
  );
}
