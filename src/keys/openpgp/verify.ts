import { constants, createHash, type KeyObject, verify } from 'node:crypto';
import { ALGORITHM, HASHES } from './algorithms.js';
import { concat, cursor, uint32 } from './cursor.js';
import { MalformedKey } from './malformed.js';
import { hashedKey, type PublicKey } from './public-key.js';
import type { Signature } from './signature.js';

/** `uncheckable`: it may be right, but its algorithms are not known here. */
export type Checked = 'right' | 'wrong' | 'uncheckable';

/** What signatures on a key are made over (RFC 9580 5.2.4). */
export const signedData = {
  key: (primary: PublicKey): Uint8Array => hashedKey(primary.version, primary.body),
  subkey: (primary: PublicKey, subkey: PublicKey): Uint8Array =>
    concat(hashedKey(primary.version, primary.body), hashedKey(primary.version, subkey.body)),
  userId: (primary: PublicKey, userId: Uint8Array): Uint8Array =>
    concat(hashedKey(primary.version, primary.body), Uint8Array.of(0xb4), uint32(userId.length), userId),
} as const;

/** Whether this key made this signature over this data. Says nothing about dates, nor whether its hash is strong. */
export function checkSignature(
  signature: Signature,
  signer: PublicKey,
  key: KeyObject,
  data: Uint8Array,
): Checked {
  // 5.2: the version of a signature is that of its key, in both directions.
  if (signature.version !== signer.version || signature.algorithm !== signer.algorithm) return 'wrong';
  const hash = HASHES.get(signature.hash);
  if (hash === undefined) return 'uncheckable';
  if (signature.version === 6 && signature.salt.length !== hash.salt) return 'wrong';
  const input = concat(
    signature.salt,
    data,
    signature.hashed,
    Uint8Array.of(signature.version, 0xff),
    uint32(signature.hashed.length),
  );
  try {
    const digest = createHash(hash.node).update(input).digest();
    // Required for version 6, a cheap sieve for all (5.2.3).
    if (!digest.subarray(0, 2).equals(signature.left)) return 'wrong';
    return checkValue(signature.value, signer, key, hash.node, input, digest) ? 'right' : 'wrong';
  } catch (thrown) {
    if (thrown instanceof MalformedKey) return 'wrong';
    // The library doesn't have this hash or combination: nothing rests on such a signature, but it may be a revocation.
    return 'uncheckable';
  }
}

function checkValue(
  value: Uint8Array,
  signer: PublicKey,
  key: KeyObject,
  hash: string,
  input: Uint8Array,
  digest: Uint8Array,
): boolean {
  const read = cursor(value);
  const { numbers, algorithm } = signer;
  // Leading zeros are left out of the numbers of a signature.
  const padded = (size: number): Uint8Array => {
    const number = read.mpi();
    if (number.length > size) throw new MalformedKey('a signature has a wrong length');
    return concat(new Uint8Array(size - number.length), number);
  };
  const whole = <T>(result: T): T => {
    if (read.left() > 0) throw new MalformedKey('a signature has a wrong length');
    return result;
  };
  switch (numbers.kind) {
    case 'rsa': {
      if (algorithm === ALGORITHM.rsaEncrypt) return false;
      const signature = whole(padded(numbers.n.length));
      return verify(hash, input, { key, padding: constants.RSA_PKCS1_PADDING }, signature);
    }
    case 'ecdsa': {
      const { size } = numbers.curve;
      const signature = whole(concat(padded(size), padded(size)));
      return verify(hash, input, { key, dsaEncoding: 'ieee-p1363' }, signature);
    }
    case 'eddsa': {
      // 5.2.3.3 ff.: EdDSA signs the digest.
      const { size } = numbers.curve;
      const signature = whole(
        algorithm === ALGORITHM.eddsaLegacy ? concat(padded(size), padded(size)) : read.take(2 * size),
      );
      return verify(null, digest, key, signature);
    }
    default:
      return false;
  }
}
