import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/**
 * An identifier that sorts by time: 9 characters of epoch milliseconds and 13 random ones (65 bits), Crockford
 * base32 in lower case. Safe in file names, headers and URLs.
 */
export function newId(now: number): string {
  let time = '';
  for (let rest = Math.floor(now), i = 0; i < 9; i++, rest = Math.floor(rest / 32)) {
    time = (ALPHABET[rest % 32] ?? '0') + time;
  }
  let random = '';
  for (const byte of randomBytes(13)) random += ALPHABET[byte & 31] ?? '0';
  return time + random;
}
