import { CR, isAscii, LF, SPACE, TAB } from './bytes.js';
import { harmless, material, type Oddity } from './oddity.js';
import { regularBase64 } from './regular-base64.js';

/** One or more decodings of a body; the first is what most readers see. */
export interface Decodings {
  readonly readings: readonly Buffer[];
  readonly oddities: readonly Oddity[];
}

const BASE64_CLASS = base64Classes();
const JUNK = 0;
const DIGIT = 1;
const PAD = 2;
const BLANK = 3;

function base64Classes(): Uint8Array {
  const classes = new Uint8Array(256);
  for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') {
    classes[character.charCodeAt(0)] = 1;
  }
  classes[0x3d] = 2;
  for (const blank of [CR, LF, SPACE, TAB]) classes[blank] = 3;
  return classes;
}

/**
 * base64 (RFC 2045 6.8). Strictly nothing but the alphabet, line ends and blanks, and padding only at the end.
 * Otherwise every way in which readers go on is taken: junk left out, each padded stretch on its own, and padding
 * left out.
 */
export function decodeBase64(body: Buffer): Decodings {
  // Nearly all mail, in a small part of the time and memory.
  const bytes = regularBase64(body);
  return bytes === undefined ? decodeOddBase64(body) : { readings: [bytes], oddities: [] };
}

function decodeOddBase64(body: Buffer): Decodings {
  const digits = Buffer.allocUnsafe(body.length);
  const stretches: number[] = [];
  let count = 0;
  let junk = false;
  let padded = false;
  let afterPadding = false;
  for (const byte of body) {
    const kind = BASE64_CLASS[byte];
    if (kind === BLANK) continue;
    if (kind === PAD) {
      if (!padded) stretches.push(count);
      padded = true;
    } else if (kind === DIGIT) {
      if (padded) afterPadding = true;
      padded = false;
      digits[count++] = byte;
    } else if (kind === JUNK) junk = true;
  }
  const oddities: Oddity[] = [];
  if (junk) oddities.push(material('base64-junk'));
  if (afterPadding) oddities.push(material('base64-after-padding'));
  if (count % 4 > 1 && !padded) oddities.push(harmless('base64-unpadded'));
  if (stretches.at(-1) !== count) stretches.push(count);
  const whole = digits.subarray(0, count);
  // One digit too many is no base64 at all, and then some readers show the body as it stands.
  const broken = count % 4 === 1 && !padded;
  if (broken) oddities.push(material('base64-length'));
  if (!afterPadding) return { readings: [fromDigits(whole), ...(broken ? [body] : [])], oddities };
  const pieces: Buffer[] = [];
  let start = 0;
  for (const end of stretches) {
    pieces.push(fromDigits(whole.subarray(start, end)));
    start = end;
  }
  const first = pieces[0] ?? Buffer.alloc(0);
  return { readings: [Buffer.concat(pieces), first, fromDigits(whole)], oddities };
}

function fromDigits(digits: Buffer): Buffer {
  return Buffer.from(digits.toString('latin1'), 'base64');
}

/**
 * quoted-printable (RFC 2045 6.7). An `=` that starts neither two hexadecimal digits nor a soft line break is kept by
 * some readers and dropped by others: then both are readings.
 */
export function decodeQuotedPrintable(body: Buffer): Decodings {
  const kept = readQuotedPrintable(body, true);
  const oddities: Oddity[] = [];
  if (kept.broken) oddities.push(material('quoted-printable-broken'));
  if (!isAscii(body)) oddities.push(harmless('quoted-printable-8bit'));
  const readings = [kept.bytes];
  if (kept.broken) readings.push(readQuotedPrintable(body, false).bytes);
  return { readings, oddities };
}

const EQUALS = 0x3d;
/** By byte: the value of a hexadecimal digit, or -1. */
const HEX_VALUES = Int8Array.from({ length: 256 }, (_, byte) =>
  /[0-9A-Fa-f]/.test(String.fromCharCode(byte)) ? Number.parseInt(String.fromCharCode(byte), 16) : -1,
);

/** @param keep whether an `=` that begins nothing is content */
function readQuotedPrintable(
  body: Buffer,
  keep: boolean,
): { readonly bytes: Buffer; readonly broken: boolean } {
  const size = body.length;
  const out = Buffer.allocUnsafe(size);
  let length = 0;
  let broken = false;
  for (let at = 0; at < size; at++) {
    let byte = 0;
    // What stands for itself goes by in a loop of its own, which takes a third of the time.
    for (; at < size; at++) {
      byte = body[at] ?? 0;
      if (byte === EQUALS || byte === LF) break;
      out[length++] = byte;
    }
    if (at >= size) break;
    if (byte === EQUALS) {
      const value = at + 2 < size ? hexPair(body, at + 1) : -1;
      const next = value >= 0 ? at + 3 : softBreakEnd(body, at + 1);
      if (value >= 0) out[length++] = value;
      else if (next < 0) {
        broken = true;
        if (keep) out[length++] = byte;
      }
      if (next > 0) at = next - 1;
      continue;
    }
    // Blanks at the end of a line were added in transport and aren't content.
    const end = at > 0 && body[at - 1] === CR ? at - 1 : at;
    const start = blankRunStart(body, end);
    if (start < end) {
      length -= at - start;
      if (end < at) out[length++] = CR;
    }
    out[length++] = LF;
  }
  return { bytes: out.subarray(0, length), broken };
}

function hexPair(body: Buffer, at: number): number {
  const high = HEX_VALUES[body[at] ?? 0] ?? -1;
  const low = HEX_VALUES[body[at + 1] ?? 0] ?? -1;
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/** Where the blanks before `end` begin. */
function blankRunStart(body: Buffer, end: number): number {
  let start = end;
  while (start > 0 && (body[start - 1] === SPACE || body[start - 1] === TAB)) start -= 1;
  return start;
}

function blankRunEnd(body: Buffer, at: number): number {
  let end = at;
  while (body[end] === SPACE || body[end] === TAB) end += 1;
  return end;
}

/** Where the text goes on after a soft line break, or -1 when there is none. The end of the body counts as one. */
function softBreakEnd(body: Buffer, at: number): number {
  const end = blankRunEnd(body, at);
  if (end >= body.length) return body.length;
  if (body[end] === LF) return end + 1;
  return body[end] === CR && body[end + 1] === LF ? end + 2 : -1;
}
