import { createHmac, hkdfSync, randomInt } from 'node:crypto';

const CODE_DIGITS = 8;

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
