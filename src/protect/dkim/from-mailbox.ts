import { parseHeaderMailbox } from '../../intake/header-mailbox.js';
import type { StoredMessage } from '../../model/message.js';
import type { Mailbox } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import type { ReadToSign } from './read-to-sign.js';

/**
 * The one mailbox in From, whose domain receivers compare a signature with (RFC 7489 3.1.1). Undefined where there isn't
 * exactly one.
 */
export function fromMailbox({ fields }: ReadToSign): Mailbox | undefined {
  const [from, ...more] = fields.filter((one) => one.name === 'from');
  if (from === undefined || more.length > 0) return undefined;
  const value = from.raw.slice(from.raw.indexOf(':') + 1).replaceAll('\r\n', '');
  return parseHeaderMailbox(value.replace(/^[ \t]+|[ \t]+$/g, ''));
}

/**
 * Whether somebody who may write as From sent the message. Who only sends on what others wrote needs no right to their From:
 * a signature on that would let a stranger's forgery out as the organisation's own word.
 */
export function mayNameFrom(
  { origin, sender, authors }: Pick<StoredMessage, 'origin' | 'sender' | 'authors'>,
  from: string,
): boolean {
  if (origin !== 'submitted' || authors === undefined) return true;
  if (authors.unsure) return false;
  return [sender, ...authors.addresses].some((one) => foldAddress(one) === foldAddress(from));
}
