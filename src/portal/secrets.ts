import { createHash, createHmac, hkdfSync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

const SECRET = /^[A-Za-z0-9_-]{43}$/;
const CODE_DIGITS = 8;

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

/** A one-time code: eight decimal digits, uniformly drawn. */
export function newCode(): string {
  return String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0');
}

/** What a person typed as a code, without spaces and dashes; undefined when it can't be one. */
export function readCode(typed: string): string | undefined {
  const digits = typed.replace(/[\s-]/g, '');
  return digits.length === CODE_DIGITS && /^[0-9]+$/.test(digits) ? digits : undefined;
}

/**
 * HMAC-SHA-256 of a code, bound to its item: eight digits are soon searched, so without the key the stored value must
 * be worth nothing.
 */
export function codeHash(codeKey: Uint8Array, itemId: string, code: string): Uint8Array {
  return createHmac('sha256', codeKey).update(`code\n${itemId}\n${code}`).digest();
}

/** The key of form tokens, derived from the code key (HKDF-SHA-256, RFC 5869). */
export function formKey(codeKey: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', codeKey, new Uint8Array(), 'sallyport portal forms v1', 32));
}

/** Compares two values of any length in time that depends on the lengths alone. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
