import { isAscii as isAsciiBuffer } from 'node:buffer';
import { fourBytes, hasNoControl } from './four-bytes.js';

/** A half-open range of byte offsets. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

export const CR = 0x0d;
export const LF = 0x0a;
export const SPACE = 0x20;
export const TAB = 0x09;
export const DASH = 0x2d;

export interface Line extends ByteRange {
  /** Start of the next line. */
  readonly next: number;
}

/**
 * The line that starts at `at`: it ends before its LF (and the CR before that) or at `limit`. A bare LF ends a line
 * here, as it does for most mail readers; `lineEndProblems` names it.
 */
export function lineAt(source: Buffer, at: number, limit: number): Line {
  const found = source.indexOf(LF, at);
  if (found < 0 || found >= limit) return { start: at, end: limit, next: limit };
  const end = found > at && source[found - 1] === CR ? found - 1 : found;
  return { start: at, end, next: found + 1 };
}

export interface LineEndProblems {
  readonly bareCr: boolean;
  readonly bareLf: boolean;
  readonly nul: boolean;
}

/** Line ends that two programs could take differently (RFC 5322 2.3 forbids CR and LF apart). */
export function lineEndProblems(source: Buffer, range: ByteRange): LineEndProblems {
  const { start, end } = range;
  const { first, words } = fourBytes(source);
  let bareCr = false;
  let bareLf = false;
  let nul = false;
  for (let at = start; at < end; at++) {
    if (((at - first) & 3) === 0) {
      const last = Math.min(words.length, (end - first) >> 2);
      let word = (at - first) >> 2;
      while (word < last && hasNoControl(words[word] ?? 0)) word++;
      at = word < last ? first + word * 4 : Math.max(at, first + last * 4);
      if (at >= end) break;
    }
    const byte = source[at] ?? 0;
    if (byte === LF) bareLf ||= at === start || source[at - 1] !== CR;
    else if (byte === CR) bareCr ||= at + 1 >= end || source[at + 1] !== LF;
    else if (byte === 0) nul = true;
  }
  return { bareCr, bareLf, nul };
}

/** Whether nothing but blanks and line ends lies in the range. */
export function isBlank(source: Buffer, range: ByteRange): boolean {
  for (let i = range.start; i < range.end; i++) {
    const byte = source[i];
    if (byte !== SPACE && byte !== TAB && byte !== CR && byte !== LF) return false;
  }
  return true;
}

/** Whether every byte is below 0x80. */
export function isAscii(bytes: Uint8Array): boolean {
  return isAsciiBuffer(bytes);
}

/** The bytes as a Buffer over the same memory. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Bytes of a file as they would travel: bare LFs become CRLF, when the file has no CRLF at all, as files written on
 * Unix have none. A mixture is left as it is, since it is the message that is odd then.
 */
export function withCrlf(bytes: Buffer): { readonly bytes: Buffer; readonly converted: boolean } {
  if (bytes.includes('\r\n', 0, 'latin1') || !bytes.includes(LF)) return { bytes, converted: false };
  const text = bytes.toString('latin1').replaceAll('\n', '\r\n');
  return { bytes: Buffer.from(text, 'latin1'), converted: true };
}
