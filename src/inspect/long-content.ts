import { regularBase64 } from './regular-base64.js';

/** The content of a leaf, of which a stretch at a time is in memory. */
export interface LongContent {
  /** Bytes. */
  readonly size: number;
  /** Undefined where it isn't what it looked like: then nothing read so far counts. */
  readonly read: (from: number, to: number) => Buffer | undefined;
}

/** Contents from this size on are read so, in bytes. Most mail is far smaller, and then whole texts are simpler. */
const LONG = 1024 * 1024;

/**
 * A long body that has one meaning under its encoding, and can be decoded from anywhere; undefined for all others.
 * @param encodings declared, in lower case
 */
export function longContent(
  body: Buffer,
  encodings: readonly string[],
  least = LONG,
): LongContent | undefined {
  if (body.length < least || encodings.length > 1) return undefined;
  switch (encodings[0]) {
    case undefined:
    case '7bit':
    case '8bit':
    case 'binary':
      return { size: body.length, read: (from, to) => body.subarray(from, to) };
    case 'base64':
      return regularBase64(body);
    default:
      return undefined;
  }
}
