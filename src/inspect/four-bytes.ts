/** Bytes looked at four at a time: most of mail is printable, and what matters stands between. */
export interface FourBytes {
  /** Where the first four begin: memory is read by whole words. */
  readonly first: number;
  readonly words: Int32Array;
}

const NO_WORDS = new Int32Array(0);

export function fourBytes(bytes: Uint8Array): FourBytes {
  const { buffer, byteOffset, length } = bytes;
  const first = -byteOffset & 3;
  if (length < first + 4) return { first: length, words: NO_WORDS };
  return { first, words: new Int32Array(buffer, byteOffset + first, (length - first) >> 2) };
}

const LOW_BITS = 0x7f7f7f7f;
const TO_BLANK = 0x60606060;
const TO_DEL = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;

/**
 * Whether none of four bytes is a control character of ASCII. Tells by the eighth bit of each sum, and so little of what is
 * beyond ASCII: of that it may also say no.
 */
export function hasNoControl(word: number): boolean {
  const low = word & LOW_BITS;
  return ((low + TO_BLANK) & ~(low + TO_DEL) & HIGH_BITS) === HIGH_BITS;
}

const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d ? 1 : 0,
);

/** Whether bytes are nothing but printable ASCII with tabs and line ends. */
export function isPlainText(bytes: Uint8Array): boolean {
  const { first, words } = fourBytes(bytes);
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? 0;
    if ((word & HIGH_BITS) !== 0) return false;
    const at = first + i * 4;
    if (!hasNoControl(word) && !isPlainIn(bytes, at, at + 4)) return false;
  }
  return isPlainIn(bytes, 0, first) && isPlainIn(bytes, first + words.length * 4, bytes.length);
}

function isPlainIn(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (PLAIN[bytes[at] ?? 0] !== 1) return false;
  return true;
}
