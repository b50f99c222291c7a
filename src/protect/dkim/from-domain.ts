import { parseHeaderMailbox } from '../../intake/header-mailbox.js';
import type { ReadToSign } from './read-to-sign.js';

/**
 * The domain of the one mailbox in From: what receivers compare a signature with (RFC 7489 3.1.1). Undefined where there
 * isn't exactly one.
 */
export function fromDomain({ fields }: ReadToSign): string | undefined {
  const [from, ...more] = fields.filter((one) => one.name === 'from');
  if (from === undefined || more.length > 0) return undefined;
  const value = from.raw.slice(from.raw.indexOf(':') + 1).replaceAll('\r\n', '');
  return parseHeaderMailbox(value.replace(/^[ \t]+|[ \t]+$/g, ''))?.domain;
}
