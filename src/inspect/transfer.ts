import { CR, isAscii, LF, SPACE, TAB } from './bytes.js';
import { harmless, material, type Oddity } from './oddity.js';
import { type Decodings, decodeBase64, decodeQuotedPrintable } from './transfer-decoding.js';
import { findUuBlocks } from './uuencode.js';

const IDENTITY: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary']);

/** Whether these declared encodings leave the body as it is. */
export function isIdentity(encodings: readonly string[]): boolean {
  return encodings.every((encoding) => IDENTITY.has(encoding));
}

/**
 * Decodes a body in every way that its declared transfer encodings allow: the first reading is the first encoding's.
 * With an unknown or malformed one, or with several, every decoding that finds something is a reading.
 */
export function decodeTransfer(body: Buffer, encodings: readonly string[]): Decodings {
  if (encodings.length === 0) return { readings: [body], oddities: sevenBitOddities(body) };
  const readings: Buffer[] = [];
  const oddities: Oddity[] = [];
  for (const encoding of encodings) {
    const decoded = decodeOne(body, encoding);
    readings.push(...decoded.readings);
    oddities.push(...decoded.oddities);
  }
  if (encodings.length > 1) readings.push(body);
  return { readings, oddities };
}

function decodeOne(body: Buffer, encoding: string): Decodings {
  switch (encoding) {
    case '7bit':
      return { readings: [body], oddities: sevenBitOddities(body) };
    case '8bit':
    case 'binary':
      return { readings: [body], oddities: [] };
    case 'base64':
      return decodeBase64(body);
    case 'quoted-printable':
      return decodeQuotedPrintable(body);
    default:
      return everyDecoding(body);
  }
}

function everyDecoding(body: Buffer): Decodings {
  const readings = [body];
  if (couldBeBase64(body)) readings.push(...decodeBase64(body).readings);
  if (/=[0-9A-Fa-f]{2}/.test(body.toString('latin1'))) readings.push(...decodeQuotedPrintable(body).readings);
  for (const block of findUuBlocks(body)) readings.push(block.content);
  return { readings, oddities: [material('unknown-transfer-encoding')] };
}

/** 8-bit bytes in a body that is declared as 7bit or not at all (RFC 2045 2.7). */
export function sevenBitOddities(body: Buffer): readonly Oddity[] {
  return isAscii(body) ? [] : [harmless('8bit-in-7bit')];
}

/** Whether most of a body's bytes are base64's, so that a decoder which was asked for would find something. */
function couldBeBase64(body: Buffer): boolean {
  let fitting = 0;
  let blanks = 0;
  for (const byte of body) {
    if (byte === CR || byte === LF || byte === SPACE || byte === TAB) blanks += 1;
    else if (
      (byte >= 0x30 && byte <= 0x39) ||
      (byte >= 0x41 && byte <= 0x5a) ||
      (byte >= 0x61 && byte <= 0x7a) ||
      byte === 0x2b ||
      byte === 0x2f ||
      byte === 0x3d
    ) {
      fitting += 1;
    }
  }
  return fitting > 8 && fitting * 10 >= (body.length - blanks) * 9;
}
