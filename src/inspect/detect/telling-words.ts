import { hashOf } from './word-table.js';

/*
 * Words that tell of numbers written out. They are asked for each word of a text, so by length, single letters and hashes.
 */

/** Letters of the names of digits. */
export const LONGEST_NAMED = 5;
const [SS, SN, SSN] = [hashOf('ss'), hashOf('sn'), hashOf('ssn')];
const [DASH, HYPHEN, MINUS] = [hashOf('dash'), hashOf('hyphen'), hashOf('minus')];

/** A word for a dash, or one with which the label of a social security number may begin (its three letters apart: the hint `spreadLetters`). */
export function mayTell(bytes: Uint8Array, start: number, size: number, hash: number): boolean {
  if (size < 2) return false;
  if (size === 2) return hash === SS || hash === SN;
  if (hash === SSN || hash === DASH || hash === HYPHEN || hash === MINUS) return true;
  return beginsLabel(bytes, start, size);
}

/** Any word that begins with `soc`, such as `SocialSecurity`. */
export function beginsLabel(bytes: Uint8Array, start: number, size: number): boolean {
  return (
    size >= 3 &&
    ((bytes[start] ?? 0) | 0x20) === 0x73 &&
    ((bytes[start + 1] ?? 0) | 0x20) === 0x6f &&
    ((bytes[start + 2] ?? 0) | 0x20) === 0x63
  );
}

/** By the first and the last letter and the length: zero, oh, o, one, two, … nine, in any case. */
export function namesDigit(first: number, last: number, size: number): boolean {
  const begin = first | 0x20;
  const end = last | 0x20;
  if (size === 3)
    return (
      (begin === 0x6f && end === 0x65) || (begin === 0x74 && end === 0x6f) || (begin === 0x73 && end === 0x78)
    );
  if (size === 4) {
    return (
      (begin === 0x7a && end === 0x6f) ||
      (begin === 0x66 && (end === 0x72 || end === 0x65)) ||
      (begin === 0x6e && end === 0x65)
    );
  }
  if (size === 5)
    return (
      (begin === 0x74 && end === 0x65) || (begin === 0x73 && end === 0x6e) || (begin === 0x65 && end === 0x74)
    );
  return begin === 0x6f && (size === 1 || (size === 2 && end === 0x68));
}
