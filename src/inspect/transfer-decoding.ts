import { CR, LF, SPACE, TAB } from './bytes.js';
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
  const kept = Buffer.allocUnsafe(body.length);
  const dropped = Buffer.allocUnsafe(body.length);
  let keptLength = 0;
  let droppedLength = 0;
  let broken = false;
  let eightBit = false;
  const push = (byte: number) => {
    kept[keptLength++] = byte;
    dropped[droppedLength++] = byte;
  };
  let at = 0;
  while (at < body.length) {
    const byte = body[at] ?? 0;
    if (byte === 0x3d) {
      const high = hexValue(body[at + 1]);
      const low = hexValue(body[at + 2]);
      if (high >= 0 && low >= 0) {
        push(high * 16 + low);
        at += 3;
        continue;
      }
      const next = softBreakEnd(body, at + 1);
      if (next > 0) {
        at = next;
        continue;
      }
      broken = true;
      kept[keptLength++] = byte;
      at += 1;
      continue;
    }
    if (byte === SPACE || byte === TAB) {
      // Blanks at the end of a line were added in transport and aren't content.
      const end = blankRunEnd(body, at);
      if (end < body.length && (body[end] === LF || (body[end] === CR && body[end + 1] === LF))) {
        at = end;
        continue;
      }
      for (; at < end; at++) push(body[at] ?? SPACE);
      continue;
    }
    if (byte > 0x7f) eightBit = true;
    push(byte);
    at += 1;
  }
  const oddities: Oddity[] = [];
  if (broken) oddities.push(material('quoted-printable-broken'));
  if (eightBit) oddities.push(harmless('quoted-printable-8bit'));
  const readings = [kept.subarray(0, keptLength)];
  if (broken) readings.push(dropped.subarray(0, droppedLength));
  return { readings, oddities };
}

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
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
