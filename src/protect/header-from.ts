import { parseHeaderMailbox } from '../intake/header-mailbox.js';
import { fieldValue, readRawHeader } from './payload/raw-header.js';

/** More than any header that intake takes by default. */
const MAX_HEADER = 1024 * 1024;

/**
 * The address in From, whose key signs: mail clients compare a signature with it, not with the envelope (RFC 8550 3,
 * RFC 9580 leaves it to them). Undefined where there isn't exactly one.
 */
export async function headerFrom(content: AsyncIterable<Uint8Array>): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_HEADER || Buffer.concat(chunks.slice(-2)).includes('\r\n\r\n')) break;
  }
  const fields = readRawHeader(Buffer.concat(chunks)).fields.filter((field) => field.name === 'from');
  const [from, ...more] = fields;
  return from === undefined || more.length > 0 ? undefined : parseHeaderMailbox(fieldValue(from))?.address;
}
