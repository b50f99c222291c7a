import addressparser from 'nodemailer/lib/addressparser';
import type { StoredMessage } from '../../model/message.js';
import type { PortalItem } from '../../model/portal-item.js';
import { parseAddress } from '../../shared/address.js';
import { foldAddress } from '../../shared/fold-address.js';
import { headerValues } from '../../shared/header-section.js';

/** To whom a reply may go. */
export interface ReplyTargets {
  /** Whoever wrote the message. */
  readonly sender: string;
  /** The others whom it names in To and Cc, as far as they are inside the organisation or got it. */
  readonly others: readonly string[];
}

/** So much of an address list, and so many addresses of it, are looked at. */
const MOST_TEXT = 64 * 1024;
const MOST_OTHERS = 50;

/**
 * The people to whom the recipient of a message may reply: who wrote it, and whom its To and Cc name. What a header
 * names counts only where it is inside the organisation's domains, or is one of those whom the message was sent to:
 * so nobody can be reached through the portal who had nothing to do with the message. undefined: nobody to reply to.
 * @param header the message's header section as Latin-1
 * @param recipients canonical addresses that the message was sent to
 */
export function replyTargets(
  header: string,
  item: Pick<PortalItem, 'sender' | 'recipient'>,
  message: Pick<StoredMessage, 'origin'> | undefined,
  recipients: readonly string[],
  organisation: { readonly domains: readonly string[]; readonly portalSender: string },
): ReplyTargets | undefined {
  const known = new Set([item.sender, ...recipients].map(foldAddress));
  const never = new Set([item.recipient, organisation.portalSender].map(foldAddress));
  const usable = (address: string): boolean => address !== '' && !never.has(foldAddress(address));
  const allowed = (address: string): boolean =>
    usable(address) &&
    (known.has(foldAddress(address)) ||
      organisation.domains.includes(address.slice(address.lastIndexOf('@') + 1)));

  const [replyTo, ...more] = addresses(header, 'reply-to');
  // Its Reply-To is ours: the recipient who wrote it.
  const own = message?.origin === 'portal-reply' && more.length === 0 && replyTo !== undefined ? replyTo : '';
  const [from] = addresses(header, 'from');
  const sender = usable(own)
    ? own
    : ([more.length === 0 ? replyTo : undefined, from].find((one) => one !== undefined && allowed(one)) ??
      (usable(item.sender) ? item.sender : undefined));
  if (sender === undefined) return undefined;
  const others = new Map<string, string>();
  for (const address of [...addresses(header, 'to'), ...addresses(header, 'cc')]) {
    const folded = foldAddress(address);
    if (
      others.size < MOST_OTHERS &&
      folded !== foldAddress(sender) &&
      allowed(address) &&
      !others.has(folded)
    )
      others.set(folded, address);
  }
  return { sender, others: [...others.values()] };
}

/** Canonical addresses of all fields of a name, in order. What isn't one by our grammar is left out. */
function addresses(header: string, name: string): readonly string[] {
  return headerValues(header, name).flatMap((value) => {
    const text = Buffer.from(value.slice(0, MOST_TEXT), 'latin1').toString('utf8');
    return addressparser(text, { flatten: true }).flatMap(({ address }) => {
      const parsed = parseAddress(address ?? '');
      return parsed.ok ? [parsed.mailbox.address] : [];
    });
  });
}

/** The Message-IDs of the thread, for References (RFC 5322 3.6.4): the first and the newest, the message's own last. */
export function threadOf(header: string, headerMessageId: string): readonly string[] {
  const before = headerValues(header, 'references').join(' ').slice(0, MOST_TEXT);
  const ids = [...before.matchAll(MESSAGE_ID)].map(([id]) => id).filter((id) => id !== headerMessageId);
  const kept = ids.length <= MOST_REFERENCES ? ids : [...ids.slice(0, 1), ...ids.slice(1 - MOST_REFERENCES)];
  return [...kept, ...(isMessageId(headerMessageId) ? [headerMessageId] : [])];
}

const MESSAGE_ID = /<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>/g;
const MOST_REFERENCES = 20;

export function isMessageId(text: string): boolean {
  return /^<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>$/.test(text);
}

/** `Re: ` before a Subject that has none yet. */
export function replySubject(subject: string): string {
  const line = subject
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 500);
  return /^re\s*:/i.test(line) ? line : `Re: ${line}`.trim();
}
