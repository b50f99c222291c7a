import { type SenderPattern, senderAllowed } from '../shared/sender-pattern.js';
import type { HeaderField } from './header-block.js';
import { parseHeaderMailbox } from './header-mailbox.js';
import { type Refusal, refusal } from './reply.js';

/** Fields that say who sends; each of them must be within the identity's rights. */
const SENDER_FIELDS = new Set(['from', 'sender', 'resent-from', 'resent-sender']);

/**
 * Whether the header names only senders that the identity may use. `From` must be there, once, with one mailbox;
 * Sender, Resent-From and Resent-Sender are judged where they are.
 * @param smtpUtf8 whether MAIL said SMTPUTF8; without it no address in the header may need it (RFC 6532)
 */
export function judgeHeaderSenders(
  fields: readonly HeaderField[],
  senders: readonly SenderPattern[],
  smtpUtf8: boolean,
): Refusal | undefined {
  if (!fields.some((field) => field.name === 'from')) return no('The message has no From field');
  for (const field of fields) {
    if (!SENDER_FIELDS.has(field.name)) continue;
    const mailbox = parseHeaderMailbox(field.value);
    if (mailbox === undefined) return no('From or Sender is not one plain address');
    if (mailbox.needsSmtpUtf8 && !smtpUtf8) return no('The address in From or Sender needs SMTPUTF8');
    if (!senderAllowed(senders, mailbox)) return no('You may not send as the address in From or Sender');
  }
  return undefined;
}

function no(text: string): Refusal {
  return refusal('body', 550, '5.7.1', text);
}
