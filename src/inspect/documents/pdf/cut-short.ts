const END = '%%EOF';
/** Where a linearized file says what it is (ISO 32000-1 annex F.3.1). */
const HEAD = 2048;

/**
 * Whether the end of a file is missing, though what is left may look whole: readers mend such files without a word (ISO
 * 32000-1 7.5.5). A file ends with a mark, nothing behind it is an object, and a linearized one names its own length.
 */
export function isCutShort(bytes: Buffer): boolean {
  const end = bytes.lastIndexOf(END);
  if (end < 0 || /\b\d+[ \r\n]+\d+[ \r\n]+obj\b/.test(bytes.toString('latin1', end))) return true;
  const head = bytes.toString('latin1', 0, HEAD);
  const length = /\/Linearized\b/.test(head) ? /\/L[ \r\n]+(\d{1,15})\b/.exec(head)?.[1] : undefined;
  return length !== undefined && bytes.length < Number(length);
}
