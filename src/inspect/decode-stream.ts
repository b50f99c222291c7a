import { base64Decoder } from './base64-decoder.js';
import { asBuffer, LF } from './bytes.js';
import type { ContentPlace } from './content-place.js';
import { decodeQuotedPrintable } from './transfer-decoding.js';

/** Bytes of a line of quoted-printable at most: a line is decoded at once. */
export const LONGEST_QP_LINE = 64 * 1024;

/**
 * Decodes the bytes of a place as they come, a chunk at a time. It is for places that were found (`ContentPlace`): of
 * base64 nothing but digits, padding at the end and line ends.
 * @throws RangeError where a line is longer than any in such a place; whatever the source throws
 */
export function decodeStream(
  source: AsyncIterable<unknown>,
  encoding: ContentPlace['encoding'],
): AsyncGenerator<Buffer> {
  switch (encoding) {
    case 'base64':
      return base64(chunksOf(source));
    case 'quoted-printable':
      return quotedPrintable(chunksOf(source));
    case 'none':
      return chunksOf(source);
  }
}

async function* chunksOf(source: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('a stream of bytes gave something else');
    yield asBuffer(chunk);
  }
}

async function* base64(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const decoder = base64Decoder();
  for await (const chunk of source) {
    const bytes = decoder.decode(chunk);
    if (bytes.length > 0) yield bytes;
  }
  yield decoder.end();
}

/** Nothing in quoted-printable goes beyond a line but a soft break, which ends with the line. */
async function* quotedPrintable(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let left: Buffer = Buffer.alloc(0);
  for await (const chunk of source) {
    const bytes: Buffer = left.length === 0 ? chunk : Buffer.concat([left, chunk]);
    const whole = bytes.lastIndexOf(LF) + 1;
    left = Buffer.from(bytes.subarray(whole));
    if (left.length > LONGEST_QP_LINE) throw new RangeError('a line of the content is too long');
    if (whole > 0) yield* decoded(bytes.subarray(0, whole));
  }
  yield* decoded(left);
}

function* decoded(lines: Buffer): Generator<Buffer> {
  const [bytes] = decodeQuotedPrintable(lines).readings;
  if (bytes !== undefined && bytes.length > 0) yield bytes;
}
