import { createHash } from 'node:crypto';
import {
  ALGORITHM,
  type Curve,
  ED448,
  ED25519,
  type KeyDerivation,
  WEIERSTRASS,
  X448,
  X25519,
} from './algorithms.js';
import { bitLength, type Cursor, concat, cursor, hex, uint32 } from './cursor.js';
import { MalformedKey } from './malformed.js';

/** The body of a public-key or public-subkey packet, read (RFC 9580 5.5.2). */
export interface PublicKey {
  readonly version: 4 | 6;
  /** Epoch milliseconds. */
  readonly created: number;
  readonly algorithm: number;
  readonly numbers: KeyNumbers;
  /** The body, exactly the octets that are hashed. */
  readonly body: Uint8Array;
  /** Upper-case hex (5.5.4). */
  readonly fingerprint: string;
  readonly keyId: string;
  /** For people: `RSA 3072`, `X25519`, `P-256`. */
  readonly name: string;
}

export type KeyNumbers =
  | { readonly kind: 'rsa'; readonly n: Uint8Array; readonly e: Uint8Array }
  | { readonly kind: 'ecdsa'; readonly curve: Curve; readonly point: Uint8Array }
  | {
      readonly kind: 'ecdh';
      readonly curve: Curve;
      readonly point: Uint8Array;
      readonly kdf?: KeyDerivation;
    }
  | { readonly kind: 'eddsa'; readonly curve: Curve; readonly point: Uint8Array }
  | { readonly kind: 'refused'; readonly why: string };

/** Why a packet's key can't be used at all, in words. */
export interface UnsupportedKey {
  readonly unsupported: string;
}

/**
 * Reads a key packet; of a secret key packet only the public part (5.5.3).
 * @throws MalformedKey
 */
export function readPublicKey(packet: Uint8Array, secret: boolean): PublicKey | UnsupportedKey {
  const read = cursor(packet);
  const version = read.u8();
  // Versions 2 and 3 have weak fingerprints and only RSA (5.5.2.1); version 5 is not of the standard.
  if (version !== 4 && version !== 6)
    return { unsupported: `keys of version ${version < 3 ? '2' : version} are not accepted` };
  const created = read.u32() * 1000;
  const algorithm = read.u8();
  const length = version === 6 ? read.u32() : undefined;
  const start = read.at();
  if (length !== undefined && length > read.left()) throw new MalformedKey('it ends too early');
  const numbers = readNumbers(read, algorithm, version);
  if (numbers === undefined) {
    if (secret) return { unsupported: 'its algorithm is not supported' };
    return withFingerprint(packet, version, created, algorithm, {
      kind: 'refused',
      why: 'its algorithm is not supported',
    });
  }
  if (length === undefined ? !secret && read.left() > 0 : read.at() - start !== length)
    throw new MalformedKey('a key in it has a wrong length');
  if (length !== undefined && !secret && read.left() > 0)
    throw new MalformedKey('a key in it has a wrong length');
  return withFingerprint(packet.subarray(0, read.at()), version, created, algorithm, numbers);
}

function withFingerprint(
  body: Uint8Array,
  version: 4 | 6,
  created: number,
  algorithm: number,
  numbers: KeyNumbers,
): PublicKey {
  // 5.5.4: SHA-1 over 0x99 and two octets of length, or SHA-256 over 0x9B and four.
  if (version === 4 && body.length > 0xffff) throw new MalformedKey('a key in it has a wrong length');
  const fingerprint = createHash(version === 4 ? 'sha1' : 'sha256')
    .update(hashedKey(version, body))
    .digest('hex')
    .toUpperCase();
  const keyId = version === 4 ? fingerprint.slice(-16) : fingerprint.slice(0, 16);
  return { version, created, algorithm, numbers, body, fingerprint, keyId, name: nameOf(numbers) };
}

/** A key as fingerprints and signatures hash it (RFC 9580 5.2.4, 5.5.4). */
export function hashedKey(version: 4 | 6, body: Uint8Array): Uint8Array {
  if (version === 4) return concat(Uint8Array.of(0x99, body.length >> 8, body.length & 255), body);
  return concat(Uint8Array.of(0x9b), uint32(body.length), body);
}

/** The algorithm-specific part (5.5.5); undefined for an algorithm that isn't known. */
function readNumbers(read: Cursor, algorithm: number, version: 4 | 6): KeyNumbers | undefined {
  switch (algorithm) {
    case ALGORITHM.rsa:
    case ALGORITHM.rsaEncrypt:
    case ALGORITHM.rsaSign:
      return { kind: 'rsa', n: read.mpi(), e: read.mpi() };
    case ALGORITHM.elgamal:
      for (let i = 0; i < 3; i++) read.mpi();
      return { kind: 'refused', why: 'Elgamal is not accepted' };
    case ALGORITHM.dsa:
      for (let i = 0; i < 4; i++) read.mpi();
      return { kind: 'refused', why: 'DSA is not accepted' };
    case ALGORITHM.ecdsa: {
      const curve = readCurve(read, WEIERSTRASS);
      return curve && { kind: 'ecdsa', curve, point: readPoint(read, curve) };
    }
    case ALGORITHM.eddsaLegacy: {
      const curve = version === 4 ? readCurve(read, [ED25519]) : undefined;
      return curve && { kind: 'eddsa', curve, point: readPoint(read, curve) };
    }
    case ALGORITHM.ecdh: {
      const curve = readCurve(read, version === 4 ? [...WEIERSTRASS, X25519] : WEIERSTRASS);
      if (curve === undefined) return undefined;
      const point = readPoint(read, curve);
      // 11.5: three octets follow: reserved, which must be 1, hash and cipher of the key derivation.
      if (read.u8() !== 3 || read.u8() !== 1) throw new MalformedKey('an ECDH key in it is malformed');
      return { kind: 'ecdh', curve, point, kdf: { hash: read.u8(), cipher: read.u8() } };
    }
    case ALGORITHM.x25519:
      return { kind: 'ecdh', curve: X25519, point: read.take(X25519.size) };
    case ALGORITHM.x448:
      return { kind: 'ecdh', curve: X448, point: read.take(X448.size) };
    case ALGORITHM.ed25519:
      return { kind: 'eddsa', curve: ED25519, point: read.take(ED25519.size) };
    case ALGORITHM.ed448:
      return { kind: 'eddsa', curve: ED448, point: read.take(ED448.size) };
    default:
      return undefined;
  }
}

function readCurve(read: Cursor, curves: readonly Curve[]): Curve | undefined {
  const oid = hex(read.take(read.u8())).toLowerCase();
  return curves.find((curve) => curve.oid === oid);
}

/** 0x04 and both coordinates, or 0x40 and the native point (11.2); without that prefix. */
function readPoint(read: Cursor, curve: Curve): Uint8Array {
  const value = read.mpi();
  const native = curve.spkiOid !== undefined;
  const prefix = native ? 0x40 : 0x04;
  if (value[0] !== prefix || value.length !== 1 + (native ? curve.size : 2 * curve.size))
    throw new MalformedKey('a point in it has a wrong form');
  return value.subarray(1);
}

function nameOf(numbers: KeyNumbers): string {
  if (numbers.kind === 'rsa') return `RSA ${bitLength(numbers.n)}`;
  return numbers.kind === 'refused' ? 'not supported' : numbers.curve.name;
}
