import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const SECRET = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits as 43 characters of base64url: a link secret, a session token, a browser's form secret. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * SHA-256 of a secret's 32 bytes, which is all that is stored of it; undefined when the text isn't one.
 * A secret has 256 random bits, so a plain hash can't be searched.
 */
export function secretHash(text: string): Uint8Array | undefined {
  if (!SECRET.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64url');
  // The last character has two spare bits: only one of its four spellings is the secret.
  if (bytes.toString('base64url') !== text) return undefined;
  return createHash('sha256').update(bytes).digest();
}

/** Compares two values of any length in time that depends on the lengths alone. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
