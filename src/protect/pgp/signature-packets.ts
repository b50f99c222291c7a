import { createHash, createSign, randomBytes, sign } from 'node:crypto';
import { ALGORITHM } from '../../keys/openpgp/algorithms.js';
import { concat, uint32 } from '../../keys/openpgp/cursor.js';
import { writePacket } from '../../keys/openpgp/packets.js';
import type { PublicKey } from '../../keys/openpgp/public-key.js';
import { SealFailed } from '../seal-failed.js';
import { mpi } from './mpi.js';
import { MESSAGE_TAG, WRITTEN } from './packet-tags.js';
import type { SecretKey } from './secret-key.js';

/** Signs what is streamed between two packets (RFC 9580 10.3). */
export interface MessageSigner {
  /** The one-pass signature packet, which comes before (RFC 9580 5.4). */
  readonly before: Uint8Array;
  readonly update: (chunk: Uint8Array) => void;
  /** The signature packet, which comes behind. @throws what node:crypto throws */
  readonly final: () => Uint8Array;
}

export interface SignatureFacts {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Primary keys of those that it is for; nobody is named where there are none. */
  readonly intended: readonly PublicKey[];
}

/** RFC 9580 5.2.1.1: over the octets as they are; mail has CRLF already. */
const BINARY = 0;
/** For SHA-512 (RFC 9580 9.5). */
const SALT_LENGTH = 32;

/**
 * A signature with SHA-512, which is long enough for every curve here (RFC 9580 5.2.3.2 ff.), of the version of its key
 * (10.3.2.2).
 * @throws SealFailed
 */
export function messageSigner(secret: SecretKey, facts: SignatureFacts): MessageSigner {
  const { key } = secret;
  const salt = key.version === 6 ? randomBytes(SALT_LENGTH) : new Uint8Array(0);
  const hashed = hashedPart(key, facts);
  const digest = createHash('sha512').update(salt);
  // node:crypto doesn't give RSA and ECDSA of a digest that is there already, so the content is hashed twice for them.
  const signer = key.numbers.kind === 'eddsa' ? undefined : createSign('sha512').update(salt);
  return {
    before: writePacket(MESSAGE_TAG.onePassSignature, onePassBody(key, salt)),
    update: (chunk) => {
      digest.update(chunk);
      signer?.update(chunk);
    },
    final: () => {
      // 5.2.4: what is hashed last.
      const trailer = concat(hashed, Uint8Array.of(key.version, 0xff), uint32(hashed.length));
      const hash = digest.update(trailer).digest();
      const value =
        signer === undefined
          ? edDsaValue(secret, hash)
          : signatureValue(
              key,
              signer.update(trailer).sign({ key: secret.privateKey, dsaEncoding: 'ieee-p1363' }),
            );
      const saltField = key.version === 6 ? concat(Uint8Array.of(salt.length), salt) : salt;
      return writePacket(
        MESSAGE_TAG.signature,
        concat(hashed, unhashedPart(key), hash.subarray(0, 2), saltField, value),
      );
    },
  };
}

/** 5.4; the last octet says that no further one-pass signature follows. */
function onePassBody(key: PublicKey, salt: Uint8Array): Uint8Array {
  const kinds = Uint8Array.of(BINARY, WRITTEN.sha512, key.algorithm);
  const last = Uint8Array.of(1);
  if (key.version === 4) return concat(Uint8Array.of(3), kinds, Buffer.from(key.keyId, 'hex'), last);
  const saltField = concat(Uint8Array.of(salt.length), salt);
  return concat(Uint8Array.of(6), kinds, saltField, Buffer.from(key.fingerprint, 'hex'), last);
}

/** 5.2.3: from the version to the end of the hashed subpackets. */
function hashedPart(key: PublicKey, { now, intended }: SignatureFacts): Uint8Array {
  const subpackets = concat(
    // 5.2.3.11: critical.
    subpacket(0x80 | SUBPACKET.created, uint32(Math.floor(now / 1000))),
    subpacket(SUBPACKET.issuer, fingerprintField(key)),
    // 5.2.3.36, 13.12: nobody can pass the signed message on as if it had been meant for somebody else. In version 6 it
    // should be critical, but openpgp.js 6 refuses such signatures because it doesn't know it.
    ...intended.map((recipient) => subpacket(SUBPACKET.intended, fingerprintField(recipient))),
  );
  return concat(
    Uint8Array.of(key.version, BINARY, key.algorithm, WRITTEN.sha512),
    areaLength(key, subpackets.length),
    subpackets,
  );
}

/** 5.2.3.11, 5.2.3.35, 5.2.3.36. */
const SUBPACKET = { created: 2, keyId: 16, issuer: 33, intended: 35 } as const;

/** 5.2.3.7; the bodies here are short. */
function subpacket(type: number, body: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(1 + body.length, type), body);
}

function fingerprintField(key: PublicKey): Uint8Array {
  return concat(Uint8Array.of(key.version), Buffer.from(key.fingerprint, 'hex'));
}

/** The key ID, for older readers (5.2.3.12); version 6 must not have it. */
function unhashedPart(key: PublicKey): Uint8Array {
  const subpackets =
    key.version === 4 ? subpacket(SUBPACKET.keyId, Buffer.from(key.keyId, 'hex')) : new Uint8Array(0);
  return concat(areaLength(key, subpackets.length), subpackets);
}

function areaLength(key: PublicKey, length: number): Uint8Array {
  if (key.version === 6) return uint32(length);
  if (length > 0xffff) throw new SealFailed('too many recipients for one signature');
  return Uint8Array.of(length >> 8, length & 255);
}

/** 5.2.3.1, 5.2.3.2: one number of RSA, two of ECDSA. */
function signatureValue(key: PublicKey, signature: Uint8Array): Uint8Array {
  if (key.numbers.kind === 'rsa') return mpi(signature);
  const half = signature.length / 2;
  return concat(mpi(signature.subarray(0, half)), mpi(signature.subarray(half)));
}

/** 5.2.3.3 to 5.2.3.5: EdDSA signs the digest; two numbers in its legacy form. */
function edDsaValue({ key, privateKey }: SecretKey, hash: Uint8Array): Uint8Array {
  const signature = sign(null, hash, privateKey);
  if (key.algorithm !== ALGORITHM.eddsaLegacy) return signature;
  return concat(mpi(signature.subarray(0, 32)), mpi(signature.subarray(32)));
}
