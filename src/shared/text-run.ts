const CR = 0x0d;
const DOT = 0x2e;

/** The octets of a buffer as words of four, for `endOfText`; made once for all of a buffer's text. */
export function wordsOf(octets: Buffer): Int32Array {
  const lead = octets.byteOffset & 3;
  return new Int32Array(octets.buffer, octets.byteOffset - lead, (lead + octets.length) >> 2);
}

/**
 * The index of the first octet from `from` on that is CR or below it, as every CR, LF and NUL is; the length where there
 * is none. Mail is looked through on its way in and on its way out, and one octet at a time that was a third of all that
 * the main thread did for a large message.
 * @param words `wordsOf(octets)`
 */
export function endOfText(octets: Buffer, words: Int32Array, from: number): number {
  const { length } = octets;
  const lead = octets.byteOffset & 3;
  let at = from;
  // The first word may begin before the buffer does; none is read from within.
  for (; ((lead + at) & 3) !== 0; at++) if (at >= length || (octets[at] ?? 0) <= CR) return at;
  let word = (lead + at) >> 2;
  for (; word < words.length; word++) {
    const four = words[word] ?? 0;
    // The highest bit of an octet is set here, where none was, if it is below 14 (or the one before it is).
    if (((four - 0x0e0e0e0e) & ~four & 0x80808080) !== 0) break;
  }
  at = Math.max(at, word * 4 - lead);
  while (at < length && (octets[at] ?? 0) > CR) at++;
  return at;
}

/** Whether an octet means nothing at the start of a line. */
export function isText(octet: number | undefined): boolean {
  return octet !== undefined && octet > CR && octet !== DOT;
}
