import { constants, createCipheriv, createHash, hkdfSync, publicEncrypt } from 'node:crypto';
import { ALGORITHM, HASHES } from '../../keys/openpgp/algorithms.js';
import { concat } from '../../keys/openpgp/cursor.js';
import type { KeyNumbers } from '../../keys/openpgp/public-key.js';
import { SealFailed } from '../seal-failed.js';
import { agree } from './agreement.js';
import { mpi } from './mpi.js';
import { WRITTEN } from './packet-tags.js';
import type { Recipient } from './recipient.js';

/**
 * The algorithm-specific part of a session key packet: the session key, encrypted to one key (RFC 9580 5.1.3 ff.).
 * @param sessionKey 32 octets, for AES-256
 * @param version of the packet; one of version 3 names the cipher too
 * @throws SealFailed, and what node:crypto throws for keys that aren't valid
 */
export function wrapSessionKey(recipient: Recipient, sessionKey: Uint8Array, version: 3 | 6): Uint8Array {
  const { numbers } = recipient.key;
  if (numbers.kind === 'rsa') return wrapByRsa(recipient, sessionKey, version);
  if (numbers.kind !== 'ecdh') throw new SealFailed('the key cannot encrypt');
  return numbers.kdf === undefined
    ? wrapByNativeCurve(recipient, numbers, sessionKey, version)
    : wrapByEcdh(recipient, numbers, numbers.kdf, sessionKey, version);
}

/** 5.1.3; the cipher before and the checksum behind. The padding is made anew for each key. */
function wrapByRsa({ publicKey }: Recipient, sessionKey: Uint8Array, version: 3 | 6): Uint8Array {
  const padding = constants.RSA_PKCS1_PADDING;
  return mpi(publicEncrypt({ key: publicKey, padding }, withChecksum(sessionKey, version)));
}

type EcdhNumbers = Extract<KeyNumbers, { kind: 'ecdh' }>;
type Kdf = NonNullable<EcdhNumbers['kdf']>;

/** X25519 and X448 as RFC 9580 has them (5.1.6, 5.1.7): no padding, no checksum, and the cipher in the open. */
function wrapByNativeCurve(
  { publicKey }: Recipient,
  { curve, point }: EcdhNumbers,
  sessionKey: Uint8Array,
  version: 3 | 6,
): Uint8Array {
  const { ephemeral, secret } = agree(curve, point, publicKey);
  const kek = deriveNativeKey(curve.name === 'X25519' ? 'X25519' : 'X448', ephemeral, point, secret);
  const cipher = version === 3 ? Uint8Array.of(WRITTEN.aes256) : new Uint8Array(0);
  const wrapped = concat(cipher, aesKeyWrap(kek, sessionKey));
  kek.fill(0);
  secret.fill(0);
  return concat(ephemeral, Uint8Array.of(wrapped.length), wrapped);
}

/** 5.1.6, 5.1.7: a key for AES-128 or AES-256 from both public keys and what was agreed. */
export function deriveNativeKey(
  curve: 'X25519' | 'X448',
  ephemeral: Uint8Array,
  point: Uint8Array,
  secret: Uint8Array,
): Uint8Array {
  const [hash, length] = curve === 'X25519' ? (['sha256', 16] as const) : (['sha512', 32] as const);
  const input = concat(ephemeral, point, secret);
  return new Uint8Array(hkdfSync(hash, input, new Uint8Array(0), `OpenPGP ${curve}`, length));
}

/** ECDH on the NIST curves, and on Curve25519 as keys of version 4 have it (5.1.5, 11.5). */
function wrapByEcdh(
  { key, publicKey }: Recipient,
  { curve, point }: EcdhNumbers,
  kdf: Kdf,
  sessionKey: Uint8Array,
  version: 3 | 6,
): Uint8Array {
  const usual = USUAL_KDF[curve.name];
  // 11.5.1: a key of version 6 must not be encrypted to with any other.
  if (key.version === 6 && (usual?.hash !== kdf.hash || usual.cipher !== kdf.cipher))
    throw new SealFailed('the key derivation of the key is not supported');
  const oid = Buffer.from(curve.oid, 'hex');
  const parameters = concat(
    Uint8Array.of(oid.length),
    oid,
    Uint8Array.of(ALGORITHM.ecdh, 3, 1, kdf.hash, kdf.cipher),
    Buffer.from('Anonymous Sender    '),
    Buffer.from(key.fingerprint, 'hex'),
  );
  const { ephemeral, secret } = agree(curve, point, publicKey);
  const kek = deriveEcdhKey(secret, parameters, kdf);
  const wrapped = aesKeyWrap(kek, padded(withChecksum(sessionKey, version)));
  kek.fill(0);
  secret.fill(0);
  // 11.2.2: native points have a prefix here.
  const sent = curve.spkiOid === undefined ? ephemeral : concat(Uint8Array.of(0x40), ephemeral);
  return concat(mpi(sent), Uint8Array.of(wrapped.length), wrapped);
}

/** Table 30. */
const USUAL_KDF: Readonly<Record<string, Kdf>> = {
  'P-256': { hash: 8, cipher: 7 },
  'P-384': { hash: 9, cipher: 8 },
  'P-521': { hash: 10, cipher: 9 },
  brainpoolP256r1: { hash: 8, cipher: 7 },
  brainpoolP384r1: { hash: 9, cipher: 8 },
  brainpoolP512r1: { hash: 10, cipher: 9 },
};

/** 11.4: one round of the concatenation KDF of NIST SP 800-56A, cut to the key length of the wrapping cipher. */
function deriveEcdhKey(secret: Uint8Array, parameters: Uint8Array, kdf: Kdf): Uint8Array {
  const hash = HASHES.get(kdf.hash);
  const length = AES_KEY_LENGTHS[kdf.cipher];
  if (hash === undefined || !hash.strong || length === undefined)
    throw new SealFailed('the key derivation of the key is not supported');
  return createHash(hash.node)
    .update(Uint8Array.of(0, 0, 0, 1))
    .update(secret)
    .update(parameters)
    .digest()
    .subarray(0, length);
}

/** 9.3: AES with keys of 128, 192 and 256 bits. Every strong hash is as long. */
const AES_KEY_LENGTHS: Readonly<Record<number, number>> = { 7: 16, 8: 24, 9: 32 };

/** 5.1.3, 11.5: the sum of the octets of the key behind it, and before it in version 3 the cipher. */
function withChecksum(sessionKey: Uint8Array, version: 3 | 6): Uint8Array {
  const sum = sessionKey.reduce((total, octet) => total + octet, 0) & 0xffff;
  const cipher = version === 3 ? Uint8Array.of(WRITTEN.aes256) : new Uint8Array(0);
  return concat(cipher, sessionKey, Uint8Array.of(sum >> 8, sum & 255));
}

/** 11.5: PKCS#5 to a multiple of 8 octets. */
function padded(value: Uint8Array): Uint8Array {
  const missing = 8 - (value.length % 8);
  return concat(value, new Uint8Array(missing).fill(missing));
}

/** RFC 3394 2.2.1, with its default initial value. */
export function aesKeyWrap(kek: Uint8Array, value: Uint8Array): Uint8Array {
  const wrap = createCipheriv(`id-aes${kek.length * 8}-wrap`, kek, WRAP_IV);
  return concat(wrap.update(value), wrap.final());
}

const WRAP_IV = Buffer.from('A6A6A6A6A6A6A6A6', 'hex');
