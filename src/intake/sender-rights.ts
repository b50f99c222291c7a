import type { Authors } from '../model/message.js';
import type { Mailbox } from '../shared/address.js';
import { isOwnDomain } from '../shared/own-domain.js';
import { type SenderPattern, senderAllowed } from '../shared/sender-pattern.js';
import type { HeaderField } from './header-block.js';
import { parseHeaderMailbox } from './header-mailbox.js';
import { type Refusal, refusal } from './reply.js';

/** What an identity may do beyond writing in its own name. */
export interface Allowances {
  readonly forwarding: 'off' | 'resent' | 'redirected';
  /** Who may stand in From where a Sender of the identity's wrote in their name. */
  readonly onBehalfOf: readonly SenderPattern[];
}

export const NOTHING_MORE: Allowances = { forwarding: 'off', onBehalfOf: [] };

export interface SenderRights {
  readonly senders: readonly SenderPattern[];
  readonly allow: Allowances;
}

/** By which rule a message was let in. */
export type SenderRule = 'own' | 'null-sender' | 'on-behalf-of' | 'resent' | 'redirected';

export type JudgedSenders =
  | { readonly ok: true; readonly rule: SenderRule; readonly authors?: Authors }
  | { readonly ok: false; readonly refusal: Refusal };

/** Fields that say who sends. */
export const SENDER_FIELDS: ReadonlySet<string> = new Set(['from', 'sender', 'resent-from', 'resent-sender']);

interface Named {
  readonly name: string;
  readonly mailbox: Mailbox;
}

/**
 * Whether the header names only senders that the identity may use, and by which rule. `From` must be there, once; each
 * field that says who sends must be one plain mailbox, whoever it names.
 *
 * - Own: From, and Resent-From and Resent-Sender where they are, are among `senders`; a Sender is the same as From.
 * - On behalf of (RFC 5322 3.6.2): Sender is among `senders`, From among `onBehalfOf`; what was resent as above.
 * - Resent (RFC 5322 3.6.6): in the block of resent fields that was added last, which stands on top, Resent-From is there
 *   and it and Resent-Sender are among `senders`; From and Sender may be any stranger's. Not a colleague's: recipients
 *   see From alone, and SPF aligns with the envelope sender's domain, which they share (RFC 7489 3.1.2).
 * - Redirected: the envelope sender is among `senders`, which MAIL has judged; nobody whom the header names is of the
 *   organisation or of a subdomain, so that no colleague is impersonated.
 *
 * @param envelope canonical sender of MAIL, `''` for none: then only the header says who writes (out-of-office, receipts)
 * @param smtpUtf8 whether MAIL said SMTPUTF8; without it no address in the header may need it (RFC 6532)
 */
export function judgeHeaderSenders(
  fields: readonly HeaderField[],
  rights: SenderRights,
  envelope: string,
  organisationDomains: readonly string[],
  smtpUtf8: boolean,
): JudgedSenders {
  const named: Named[] = [];
  for (const field of fields) {
    if (!SENDER_FIELDS.has(field.name)) continue;
    const mailbox = parseHeaderMailbox(field.value);
    if (mailbox === undefined) return no('From or Sender is not one plain address');
    if (mailbox.needsSmtpUtf8 && !smtpUtf8) return no('The address in From or Sender needs SMTPUTF8');
    named.push({ name: field.name, mailbox });
  }
  const from = named.find((one) => one.name === 'from')?.mailbox;
  const sender = named.find((one) => one.name === 'sender')?.mailbox;
  if (from === undefined) return no('The message has no From field');
  const { senders, allow } = rights;
  const own = (one: Mailbox) => senderAllowed(senders, one);
  const resentOwn = named.every((one) => !one.name.startsWith('resent-') || own(one.mailbox));
  const colleague = (one: Mailbox) => isOwnDomain(organisationDomains, one.domain);
  const delegated = sender !== undefined && sender.address !== from.address;

  if (own(from) && !delegated && resentOwn)
    return envelope === ''
      ? { ok: true, rule: 'null-sender', authors: { addresses: [from.address], unsure: false } }
      : { ok: true, rule: 'own' };
  if (delegated && own(sender) && resentOwn && senderAllowed(allow.onBehalfOf, from))
    return letIn('on-behalf-of', envelope, [from, sender]);
  if (allow.forwarding !== 'off') {
    const last = lastResent(fields, named);
    const borrowed = [from, ...(sender === undefined ? [] : [sender])].some(
      (one) => colleague(one) && !own(one),
    );
    if (last?.every(own) === true && !borrowed) return letIn('resent', envelope, last);
    if (allow.forwarding === 'redirected' && envelope !== '' && !named.some((one) => colleague(one.mailbox)))
      return { ok: true, rule: 'redirected', authors: { addresses: [], unsure: true } };
  }
  if (own(from) && delegated && own(sender))
    return no('You may not send on behalf of others: Sender is not the same as From');
  return no('You may not send as the address in From or Sender');
}

function letIn(rule: SenderRule, envelope: string, mailboxes: readonly Mailbox[]): JudgedSenders {
  const others = new Set(mailboxes.map((one) => one.address));
  others.delete(envelope);
  // There even where it is empty: it is not the envelope sender's own mail.
  return { ok: true, rule, authors: { addresses: [...others], unsure: false } };
}

/**
 * Who resent the message last: the block of resent fields on top (RFC 5322 3.6.6), which ends before any other
 * field, and before a name that it already has. Undefined where it has no Resent-From.
 */
function lastResent(fields: readonly HeaderField[], named: readonly Named[]): readonly Mailbox[] | undefined {
  const start = fields.findIndex((field) => field.name.startsWith('resent-'));
  if (start < 0) return undefined;
  const block = new Set<string>();
  for (const field of fields.slice(start)) {
    if (!field.name.startsWith('resent-') || block.has(field.name)) break;
    block.add(field.name);
  }
  if (!block.has('resent-from')) return undefined;
  // The first of each name is of this block, because it begins with the first resent field of all.
  return ['resent-from', 'resent-sender'].flatMap((name) => {
    const first = block.has(name) ? named.find((one) => one.name === name) : undefined;
    return first === undefined ? [] : [first.mailbox];
  });
}

function no(text: string): JudgedSenders {
  return { ok: false, refusal: refusal('body', 550, '5.7.1', text) };
}
