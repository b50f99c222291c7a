/*
 * Words that tell of numbers written out. They are asked for each word of a text, so by length and single letters. Those that are
 * asked for as whole words are among the clues (`tellsNumber`).
 */

/** Letters of the names of digits. */
export const LONGEST_NAMED = 5;

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

/**
 * By the lowest five bits of the first letter and of the last: the lengths, as bits, of words that could name digits, and that of
 * a single letter. One look tells of most words that they are neither.
 */
const NAMED_OR_SINGLE = new Uint8Array(1 << 10);
for (let first = 0; first < 32; first++) {
  for (let last = 0; last < 32; last++) {
    let sizes = 1 << 1;
    for (let size = 2; size <= LONGEST_NAMED; size++)
      if (namesDigit(0x60 | first, 0x60 | last, size)) sizes |= 1 << size;
    NAMED_OR_SINGLE[(first << 5) | last] = sizes;
  }
}

/** Whether a word of letters, no more than 31, could name a digit or is a single letter. */
export function namesDigitOrSingle(first: number, last: number, size: number): boolean {
  return (((NAMED_OR_SINGLE[((first & 31) << 5) | (last & 31)] ?? 0) >>> size) & 1) === 1;
}
