import { createHmac, timingSafeEqual } from 'node:crypto';

/** The header field by which the relay knows mail that it sent when it comes back. */
export const LOOP_FIELD = 'X-Sallyport-Loop';

/** Bytes of the code that are kept: 128 bits. */
const CODE_BYTES = 16;

/**
 * The value of the loop field of a message: our ID of it, which its Received field shows anyway, and a code that only
 * this relay can make. It says nothing about who sends, and nobody is admitted by it.
 * @param key derived from the master key for this purpose alone
 */
export function loopToken(key: Uint8Array, messageId: string): string {
  return `${messageId}.${code(key, messageId).toString('base64url')}`;
}

/**
 * Our ID of the message that a loop field was made for; undefined for one of another relay, and for one made up.
 * @param value as it stands in the header; mail servers on the way may have folded it anew
 */
export function readLoopToken(key: Uint8Array, value: string): string | undefined {
  const match = /^([0-9a-z]{1,40})\.([A-Za-z0-9_-]{22})$/.exec(value.replace(/[ \t\r\n]+/g, ''));
  const [, messageId, given] = match ?? [];
  if (messageId === undefined || given === undefined) return undefined;
  const bytes = Buffer.from(given, 'base64url');
  return bytes.length === CODE_BYTES && timingSafeEqual(bytes, code(key, messageId)) ? messageId : undefined;
}

function code(key: Uint8Array, messageId: string): Buffer {
  return createHmac('sha256', key).update(messageId).digest().subarray(0, CODE_BYTES);
}
