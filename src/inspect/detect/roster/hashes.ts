import { createHmac, createSecretKey, type KeyObject } from 'node:crypto';
import { hashOf } from '../word-table.js';

/**
 * What a value is. Values of one domain are compared with each other, whichever column they come from; texts have no
 * columns. The numbers are in files.
 */
export const DOMAIN = {
  /** One word of a name: small ASCII letters. */
  word: 1,
  /** Letters and digits only, small, without zeros in front. */
  number: 2,
  /** `YYYYMMDD`. */
  date: 3,
  /** In small letters. */
  email: 4,
  /** House number and the words of the street's name (`street.ts`). */
  address: 5,
  /** Words in small letters, a blank between. */
  text: 6,
  /** Five digits. */
  zip: 7,
  /** The first word of a text of several words; known to filters only. */
  first: 8,
  /** The first word of a street's name; known to filters only. */
  street: 9,
} as const;
export type Domain = (typeof DOMAIN)[keyof typeof DOMAIN];

/**
 * The keyed hash of a value, and its only trace in an index: the first eight bytes of HMAC-SHA-256 over domain and
 * value. `low` is never 0.
 */
export interface StrongHash {
  readonly low: number;
  readonly high: number;
}

export type StrongHasher = (domain: Domain, value: string) => StrongHash;

export function strongHasher(key: Uint8Array): StrongHasher {
  const secret = createSecretKey(key);
  return (domain, value) => {
    const digest = hmac(secret, `${domain} ${value}`);
    return { low: digest.readUInt32LE(0) || 1, high: digest.readUInt32LE(4) };
  };
}

function hmac(key: KeyObject, message: string): Buffer {
  return createHmac('sha256', key).update(message).digest();
}

/**
 * A hash for filters, good enough to leave out nearly everything that isn't in an index, and a hundred times quicker
 * than the strong one. Made of the hash by which words are looked up everywhere (`word-table.ts`).
 */
export type FilterHasher = (domain: Domain, hash: number) => number;

export function filterHasher(key: Uint8Array): FilterHasher {
  const digest = hmac(createSecretKey(key), 'filter');
  const first = digest.readInt32LE(0);
  const second = digest.readInt32LE(4);
  return (domain, hash) => {
    let mixed = Math.imul(hash ^ first ^ Math.imul(domain, 0x9e3779b1), 0x85ebca6b);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed ^ second, 0xc2b2ae35);
    return mixed ^ (mixed >>> 13);
  };
}

/** What the filter hash of a value is made of. */
export function plainHash(value: string): number {
  return hashOf(value);
}
