import { type ByteRange, CR, DASH, LF } from './bytes.js';

/** Lines of nothing but base64 behind an empty line, as an entity's body of that encoding stands in a message. */
export interface Base64Lines extends ByteRange {
  /** Bytes they decode to. */
  readonly size: number;
  /** Padding characters at the end: 0, 1 or 2. */
  readonly padding: number;
}

/** SMTP allows 998 characters (RFC 5321 4.5.3.1.6), and readers may cut longer lines. */
const LONGEST_LINE = 998;
const PAD = 0x3d;

/** By byte: 1 for the 64 digits, else 0. */
const DIGITS = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[A-Za-z0-9+/]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/**
 * All places of a message with base64 as RFC 2045 6.8 has it, so that no two readers decode it differently: full quanta,
 * padding only at the very end, nothing else between but line ends. They end before an empty line, a line that begins
 * with a dash, or at the message's end. A word of text may look so too: whether such a place is the content of
 * anything has to be seen otherwise. Linear.
 * @param wanted by their decoded size
 * @param most no more than these are found, from the first
 */
export function base64Places(
  message: Buffer,
  wanted: (size: number) => boolean = () => true,
  most = Number.POSITIVE_INFINITY,
): readonly Base64Lines[] {
  const found: Base64Lines[] = [];
  for (let at = message.indexOf(LF); at >= 0 && found.length < most; ) {
    const next = at + 1;
    const start = afterLineEnd(message, next);
    if (start === next) {
      at = message.indexOf(LF, next);
      continue;
    }
    const lines = readLines(message, start);
    if (typeof lines !== 'number' && wanted(lines.size)) found.push(lines);
    // The line end last seen may be the first half of the next empty line.
    const seen = typeof lines === 'number' ? lines : lines.end;
    at = message.indexOf(LF, Math.max(start - 1, seen));
  }
  return found;
}

/** The lines from here on, or how far was looked in vain. */
function readLines(message: Buffer, start: number): Base64Lines | number {
  let digits = 0;
  let padding = 0;
  let lineStart = start;
  let end = start;
  let at = start;
  for (; at < message.length; at++) {
    if (padding === 0) {
      const plain = digitsFrom(message, at, Math.min(message.length, lineStart + LONGEST_LINE));
      digits += plain - at;
      at = plain;
      if (at >= message.length) break;
    }
    const byte = message[at] ?? 0;
    if (DIGITS[byte] === 1) {
      if (padding > 0 || at - lineStart >= LONGEST_LINE) return at;
      digits += 1;
    } else if (byte === PAD) {
      padding += 1;
    } else {
      const next = afterLineEnd(message, at);
      if (at === lineStart && (byte === DASH || next > at)) break;
      if (next === at) return at;
      end = at;
      lineStart = next;
      at = next - 1;
    }
  }
  if (at > lineStart) end = at;
  if (digits === 0 || padding > 2 || (digits + padding) % 4 !== 0) return at;
  return { start, end, size: Math.floor((digits * 3) / 4), padding };
}

/** Where the digits that begin here end, four at a time; up to three may be left. */
function digitsFrom(message: Buffer, start: number, end: number): number {
  let at = start;
  while (
    at + 4 <= end &&
    ((DIGITS[message[at] ?? 0] ?? 0) &
      (DIGITS[message[at + 1] ?? 0] ?? 0) &
      (DIGITS[message[at + 2] ?? 0] ?? 0) &
      (DIGITS[message[at + 3] ?? 0] ?? 0)) ===
      1
  )
    at += 4;
  return at;
}

/** Behind the CRLF or LF that stands here; the same place where none does. */
function afterLineEnd(message: Buffer, at: number): number {
  if (message[at] === LF) return at + 1;
  return message[at] === CR && message[at + 1] === LF ? at + 2 : at;
}
