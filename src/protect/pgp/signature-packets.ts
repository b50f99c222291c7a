import { createHash, createSign, randomBytes, sign } from 'node:crypto';
import { ALGORITHM } from '../../keys/openpgp/algorithms.js';
import { concat, uint32 } from '../../keys/openpgp/cursor.js';
import { writePacket } from '../../keys/openpgp/packets.js';
import type { PublicKey } from '../../keys/openpgp/public-key.js';
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

/** RFC 9580 5.2.1.1: over the octets as they are; mail has CRLF already. */
const BINARY = 0;
/** For SHA-512 (RFC 9580 9.5). */
const SALT_LENGTH = 32;

/**
 * A signature with SHA-512, which is long enough for every curve here (RFC 9580 5.2.3.2 ff.), of the version of its key.
 * @param now epoch milliseconds
 */
export function messageSigner(secret: SecretKey, now: number): MessageSigner {
  const { key } = secret;
  const salt = key.version === 6 ? randomBytes(SALT_LENGTH) : new Uint8Array(0);
  const hashed = hashedPart(key, now);
  const digest = createHash('sha512').update(salt);
  // RSA and ECDSA are only given with their hash by node:crypto, so the content is hashed twice for them.
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
      return writePacket(
        MESSAGE_TAG.signature,
        concat(
          hashed,
          unhashedPart(key),
          hash.subarray(0, 2),
          key.version === 6 ? Uint8Array.of(salt.length) : salt,
          salt,
          value,
        ),
      );
    },
  };
}

/** 5.4; the last octet says that no further one-pass signature follows. */
function onePassBody(key: PublicKey, salt: Uint8Array): Uint8Array {
  const kinds = Uint8Array.of(BINARY, WRITTEN.sha512, key.algorithm);
  return key.version === 4
    ? concat(Uint8Array.of(3), kinds, Buffer.from(key.keyId, 'hex'), Uint8Array.of(1))
    : concat(
        Uint8Array.of(6),
        kinds,
        Uint8Array.of(salt.length),
        salt,
        Buffer.from(key.fingerprint, 'hex'),
        Uint8Array.of(1),
      );
}

/** 5.2.3: from the version to the end of the hashed subpackets: when, and by which key (5.2.3.11, 5.2.3.35). */
function hashedPart(key: PublicKey, now: number): Uint8Array {
  const fingerprint = Buffer.from(key.fingerprint, 'hex');
  const subpackets = concat(
    Uint8Array.of(5, 2),
    uint32(Math.floor(now / 1000)),
    Uint8Array.of(2 + fingerprint.length, 33, key.version),
    fingerprint,
  );
  return concat(
    Uint8Array.of(key.version, BINARY, key.algorithm, WRITTEN.sha512),
    areaLength(key, subpackets.length),
    subpackets,
  );
}

/** The key ID, for older readers (5.2.3.12); version 6 must not have it. */
function unhashedPart(key: PublicKey): Uint8Array {
  if (key.version === 6) return areaLength(key, 0);
  return concat(areaLength(key, 10), Uint8Array.of(9, 16), Buffer.from(key.keyId, 'hex'));
}

function areaLength(key: PublicKey, length: number): Uint8Array {
  return key.version === 6 ? uint32(length) : Uint8Array.of(length >> 8, length & 255);
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
