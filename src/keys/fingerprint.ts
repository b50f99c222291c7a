/** Fewer digits of a fingerprint could mean many keys. */
const MIN_DIGITS = 8;

/**
 * The digits of a fingerprint as a person wrote or pasted it: whole or a part of it, in either case, in groups with
 * spaces or colons, with `0x` before it. Undefined when it is something else.
 */
export function fingerprintDigits(text: string): string | undefined {
  const digits = text.trim().replace(/^0x/i, '').replace(/[\s:]/g, '').toUpperCase();
  return digits.length >= MIN_DIGITS && /^[0-9A-F]{1,64}$/.test(digits) ? digits : undefined;
}

/** Whether digits that a person gave are the beginning or the end of a fingerprint. */
export function fingerprintFits(fingerprint: string, digits: string): boolean {
  return fingerprint.startsWith(digits) || fingerprint.endsWith(digits);
}
